package dev.starling.protocol;

/** The little of a client's text that goes into a message for people. */
final class Excerpt {

    private static final int MAX_LENGTH = 32;

    private Excerpt() {}

    /** The start of the text in single quotes, with a question mark for each character that is not printable ASCII. */
    static String of(String text) {
        StringBuilder excerpt = new StringBuilder("'");
        for (int i = 0; i < Math.min(text.length(), MAX_LENGTH); i++) {
            char c = text.charAt(i);
            excerpt.append(c >= ' ' && c < 0x7f ? c : '?');
        }
        return excerpt.append(text.length() > MAX_LENGTH ? "...'" : "'").toString();
    }
}
