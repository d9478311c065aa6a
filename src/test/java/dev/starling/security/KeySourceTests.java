package dev.starling.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.mock.env.MockEnvironment;

@ExtendWith(OutputCaptureExtension.class)
class KeySourceTests {

    private static final String SPRING = KeySource.SPRING_PREFIX;

    private final MockEnvironment environment = new MockEnvironment();

    @Test
    void nothingConfiguredIsDevelopment() {
        assertThat(KeySource.of(environment)).isEqualTo(KeySource.DEVELOPMENT);
    }

    @Test
    void emptySecretIsNotDevelopment() {
        environment.setProperty(KeySource.SECRET_PROPERTY, "");
        assertThat(KeySource.of(environment)).isEqualTo(KeySource.SECRET);
    }

    @Test
    void eachOfSpringsKeysIsSprings() {
        for (String name : new String[] {"issuer-uri", "jwk-set-uri", "public-key-location"}) {
            assertThat(KeySource.of(new MockEnvironment().withProperty(SPRING + name, "x")))
                    .as(name)
                    .isEqualTo(KeySource.SPRING);
        }
    }

    @Test
    void ecKeyIsToldByTheAlgorithm() {
        environment.setProperty(SPRING + "public-key-location", "x");
        environment.setProperty(SPRING + "jws-algorithms[0]", "ES256");
        assertThat(KeySource.of(environment)).isEqualTo(KeySource.EC_PUBLIC_KEY);
        environment.setProperty(SPRING + "jwk-set-uri", "x");
        assertThat(KeySource.of(environment)).isEqualTo(KeySource.SPRING);
    }

    @Test
    void twoKeysStopTheStartReadably(CapturedOutput output) {
        assertThatThrownBy(() -> new SpringApplicationBuilder(SecurityTestServer.class)
                        .properties(SecurityTestServer.PROPERTIES)
                        .run(
                                "--starling.security.jwt.secret=" + TestTokens.SECRET,
                                "--spring.security.oauth2.resourceserver.jwt.jwk-set-uri=http://localhost:1/jwks"))
                .isNotNull();
        assertThat(output)
                .contains("APPLICATION FAILED TO START", "starling.security.jwt.secret", "Remove one of the two.")
                .doesNotContain(TestTokens.SECRET);
    }
}
