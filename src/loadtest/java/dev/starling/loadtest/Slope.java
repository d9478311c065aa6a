package dev.starling.loadtest;

/** A line through points by least squares. One thread at a time. */
final class Slope {

    private double count;
    private double sumX;
    private double sumY;
    private double sumXx;
    private double sumXy;

    void add(double x, double y) {
        count++;
        sumX += x;
        sumY += y;
        sumXx += x * x;
        sumXy += x * y;
    }

    /** Whether there are two points at least, and not one above the other. */
    boolean isKnown() {
        return spread() > 1e-12;
    }

    /** By how much y grows with each x; 0 if the points do not say. */
    double perUnit() {
        return isKnown() ? (count * sumXy - sumX * sumY) / spread() : 0;
    }

    private double spread() {
        return count * sumXx - sumX * sumX;
    }
}
