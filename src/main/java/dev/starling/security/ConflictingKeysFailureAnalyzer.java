package dev.starling.security;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Tells the operator about {@link ConflictingKeysException} without a stack trace. Registered in {@code spring.factories}. */
final class ConflictingKeysFailureAnalyzer extends AbstractFailureAnalyzer<ConflictingKeysException> {

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, ConflictingKeysException cause) {
        return new FailureAnalysis(String.valueOf(cause.getMessage()), "Remove one of the two.", cause);
    }
}
