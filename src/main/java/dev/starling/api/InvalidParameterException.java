package dev.starling.api;

/** A parameter of a request is out of its range. */
final class InvalidParameterException extends RuntimeException {

    /**
     * @param parameter its name
     * @param allowed what it may be, as a sentence goes on after "must be"
     */
    InvalidParameterException(String parameter, String allowed) {
        super(parameter + " must be " + allowed);
    }

    /** Expects a number to be from {@code least} to {@code most}. */
    static void check(String parameter, int value, int least, int most) {
        if (value < least || value > most) {
            throw new InvalidParameterException(parameter, "from " + least + " to " + most);
        }
    }

    /** Expects a text to have up to so many characters. */
    static void check(String parameter, String value, int most) {
        if (value.length() > most) {
            throw new InvalidParameterException(parameter, "of up to " + most + " characters");
        }
    }
}
