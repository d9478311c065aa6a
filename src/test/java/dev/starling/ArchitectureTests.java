package dev.starling;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;

/** The rooms, and the arrows between them. */
@AnalyzeClasses(packages = "dev.starling", importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTests {

    @ArchTest
    static final ArchRule arrowsPointOneWay = layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer("root")
            .definedBy("dev.starling")
            .layer("protocol")
            .definedBy("dev.starling.protocol")
            .layer("setting")
            .definedBy("dev.starling.setting")
            .layer("broker")
            .definedBy("dev.starling.broker")
            .layer("redis")
            .definedBy("dev.starling.redis..")
            .layer("channel")
            .definedBy("dev.starling.channel")
            .layer("security")
            .definedBy("dev.starling.security")
            .layer("websocket")
            .definedBy("dev.starling.websocket")
            .optionalLayer("api")
            .definedBy("dev.starling.api")
            .layer("loadtest")
            .definedBy("dev.starling.loadtest..")
            .whereLayer("root")
            .mayOnlyAccessLayers("websocket")
            .whereLayer("protocol")
            .mayNotAccessAnyLayer()
            .whereLayer("setting")
            .mayOnlyAccessLayers("protocol")
            .whereLayer("broker")
            .mayOnlyAccessLayers("setting", "protocol")
            .whereLayer("redis")
            .mayOnlyAccessLayers("broker", "setting", "protocol")
            .whereLayer("channel")
            .mayOnlyAccessLayers("broker", "setting", "protocol")
            .whereLayer("security")
            .mayOnlyAccessLayers("setting", "protocol")
            .whereLayer("websocket")
            .mayOnlyAccessLayers("channel", "security", "setting", "protocol")
            .whereLayer("api")
            .mayOnlyAccessLayers("broker", "channel", "security", "websocket", "setting", "protocol")
            .whereLayer("loadtest")
            .mayOnlyAccessLayers("protocol");

    @ArchTest
    static final ArchRule loadToolHasSeams = layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer("scenario")
            .definedBy("dev.starling.loadtest")
            .layer("client")
            .definedBy("dev.starling.loadtest.client")
            .layer("check")
            .definedBy("dev.starling.loadtest.check")
            .layer("probe")
            .definedBy("dev.starling.loadtest.probe")
            .whereLayer("scenario")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("client")
            .mayOnlyAccessLayers("check")
            .whereLayer("check")
            .mayNotAccessAnyLayer()
            .whereLayer("probe")
            .mayNotAccessAnyLayer();

    @ArchTest
    static final ArchRule everyClassLivesInARoom = classes()
            .should()
            .resideInAnyPackage(
                    "dev.starling",
                    "dev.starling.protocol",
                    "dev.starling.setting",
                    "dev.starling.broker",
                    "dev.starling.redis..",
                    "dev.starling.channel",
                    "dev.starling.security",
                    "dev.starling.websocket",
                    "dev.starling.api",
                    "dev.starling.loadtest..");

    @ArchTest
    static final ArchRule redisHasSeams = layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer("link")
            .definedBy("dev.starling.redis.link")
            .layer("stream")
            .definedBy("dev.starling.redis.stream")
            .layer("presence")
            .definedBy("dev.starling.redis.presence")
            .layer("peer")
            .definedBy("dev.starling.redis.peer")
            .whereLayer("link")
            .mayNotAccessAnyLayer()
            .whereLayer("stream")
            .mayOnlyAccessLayers("link")
            .whereLayer("presence")
            .mayOnlyAccessLayers("link")
            .whereLayer("peer")
            .mayOnlyAccessLayers("link");

    @ArchTest
    static final ArchRule redisIsNamedByNobody = noClasses()
            .that()
            .resideOutsideOfPackage("dev.starling.redis..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("dev.starling.redis..")
            .because("types are public there for the seams only");

    @ArchTest
    static final ArchRule metersKnowNoOwner = noClasses()
            .that()
            .haveSimpleName("RedisMetrics")
            .should()
            .dependOnClassesThat()
            .haveSimpleNameStartingWith("RedisLink")
            .because("a meter knows numbers: its owner registers the gauges");

    @ArchTest
    static final ArchRule rootHoldsTheApplicationOnly =
            classes().that().resideInAPackage("dev.starling").should().haveSimpleName("StarlingApplication");

    @ArchTest
    static final ArchRule protocolIsPure = noClasses()
            .that()
            .resideInAPackage("dev.starling.protocol")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.springframework..", "reactor..", "io.netty.channel..", "io.netty.handler..");

    @ArchTest
    static final ArchRule namesSayWhatAThingIs = noClasses()
            .should()
            .haveNameMatching(".*(Utils?|Helpers?|Managers?|Impl|Services?|Common)")
            .because("each names a drawer, not a thing");

    @ArchTest
    static final ArchRule classesAreFinal = classes()
            .that()
            .resideOutsideOfPackage("dev.starling")
            .and()
            .areNotInterfaces()
            .and()
            .areNotEnums()
            .and()
            .areNotAnonymousClasses()
            .and(areConcrete())
            .should(beFinalOrSealed());

    private static DescribedPredicate<JavaClass> areConcrete() {
        return DescribedPredicate.describe(
                "are concrete", type -> !type.getModifiers().contains(JavaModifier.ABSTRACT));
    }

    private static ArchCondition<JavaClass> beFinalOrSealed() {
        return new ArchCondition<>("be final or sealed") {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                boolean closed = type.getModifiers().contains(JavaModifier.FINAL)
                        || type.reflect().isSealed();
                events.add(new SimpleConditionEvent(type, closed, type.getName() + " can be extended by anyone"));
            }
        };
    }
}
