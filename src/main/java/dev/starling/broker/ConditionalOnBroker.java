package dev.starling.broker;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.core.type.AnnotatedTypeMetadata;

/**
 * Holds if {@code starling.broker.type} is this one. A type that there is not stops the start with a message that names
 * those that there are, where Spring's own condition on a property would only find no broker.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Conditional(ConditionalOnBroker.OnBroker.class)
public @interface ConditionalOnBroker {

    /** The type. */
    BrokerProperties.Type value();

    /** Reads the property before there are beans. */
    final class OnBroker implements Condition {

        @Override
        public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
            BrokerProperties.Type type = Binder.get(context.getEnvironment())
                    .bind("starling.broker.type", BrokerProperties.Type.class)
                    .orElse(BrokerProperties.Type.MEMORY);
            return metadata.getAnnotations()
                            .get(ConditionalOnBroker.class)
                            .getEnum("value", BrokerProperties.Type.class)
                    == type;
        }
    }
}
