package dev.starling.api;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.context.annotation.ClassPathScanningCandidateComponentProvider;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.core.type.filter.AnnotationTypeFilter;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.util.ClassUtils;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.bind.annotation.ValueConstants;
import tools.jackson.databind.JsonNode;

/**
 * A call of the HTTP API, as far as both the document and the handlers tell of it.
 *
 * @param name method and path
 * @param takes the media types that a handler asks for, or nothing if there is no body to read
 * @param gives the media types that a handler promises
 */
record ApiCall(String name, Set<Parameter> parameters, boolean hasBody, Set<String> takes, Set<String> gives) {

    /** The one call that is no method of a controller, see {@link PublishFilter}. */
    private static final ApiCall PUBLISH = new ApiCall(
            "POST " + PublishFilter.PATH.getPatternString(),
            new TreeSet<>(Set.of(
                    new Parameter("path", "channel", true, "string", ""),
                    new Parameter("header", "Idempotency-Key", false, "string", ""))),
            true,
            Set.of(),
            Set.of());

    /** @param standard what it is if it is missing; empty if that is nothing */
    record Parameter(String place, String name, boolean required, String type, String standard)
            implements Comparable<Parameter> {

        @Override
        public int compareTo(Parameter other) {
            return toString().compareTo(other.toString());
        }

        private static Parameter described(ApiDocument document, JsonNode tree) {
            JsonNode schema = document.resolve(tree.required("schema"));
            return new Parameter(
                    tree.required("in").asString(),
                    tree.required("name").asString(),
                    tree.path("required").asBoolean(false),
                    schema.required("type").asString(),
                    schema.path("default").asString(""));
        }

        /** Null for what does not come from the client's request line and headers. */
        private static @Nullable Parameter handled(java.lang.reflect.Parameter parameter) {
            String type = String.class.equals(parameter.getType()) ? "string" : "integer";
            PathVariable variable = parameter.getAnnotation(PathVariable.class);
            if (variable != null) {
                return new Parameter("path", name(variable.name(), parameter), true, type, "");
            }
            RequestParam asked = parameter.getAnnotation(RequestParam.class);
            if (asked != null) {
                String name = name(asked.name(), parameter);
                return of("query", name, asked.required(), type, asked.defaultValue());
            }
            RequestHeader header = parameter.getAnnotation(RequestHeader.class);
            return header == null
                    ? null
                    : of("header", name(header.name(), parameter), header.required(), type, header.defaultValue());
        }

        private static String name(String given, java.lang.reflect.Parameter parameter) {
            return given.isEmpty() ? parameter.getName() : given;
        }

        private static Parameter of(String place, String name, boolean required, String type, String standard) {
            boolean hasStandard = !ValueConstants.DEFAULT_NONE.equals(standard);
            return new Parameter(place, name, required && !hasStandard, type, hasStandard ? standard : "");
        }
    }

    /** What the document says of a call. */
    static ApiCall described(ApiDocument document, ApiDocument.Operation operation) {
        JsonNode body = operation.tree().path("requestBody").path("content");
        JsonNode answer = document.resolve(
                        operation.tree().required("responses").path("200"))
                .path("content");
        Set<String> takes = unusual(body.propertyNames().stream());
        Set<String> gives = unusual(answer.propertyNames().stream());
        gives.removeAll(takes); // who sends lines is answered in lines, whatever they accept
        return new ApiCall(
                operation.method() + " " + operation.path(),
                operation.parameters().stream()
                        .map(parameter -> Parameter.described(document, parameter))
                        .collect(Collectors.toCollection(TreeSet::new)),
                !body.isEmpty(),
                takes,
                gives);
    }

    /** All that have a handler, on any controller of the server. */
    static Collection<ApiCall> handled() {
        ClassPathScanningCandidateComponentProvider scanner = new ClassPathScanningCandidateComponentProvider(false);
        scanner.addIncludeFilter(new AnnotationTypeFilter(RestController.class));
        Map<String, ApiCall> calls = new TreeMap<>();
        scanner.findCandidateComponents("dev.starling").stream()
                .map(found -> ClassUtils.resolveClassName(String.valueOf(found.getBeanClassName()), null))
                .filter(ApiCall::isOfTheServer)
                .flatMap(type -> Arrays.stream(type.getDeclaredMethods()))
                .flatMap(ApiCall::handled)
                .forEach(call -> calls.merge(call.name(), call, ApiCall::and));
        calls.put(PUBLISH.name(), PUBLISH);
        return calls.values();
    }

    private static boolean isOfTheServer(Class<?> type) {
        return type.getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .equals(ApiProblems.class.getProtectionDomain().getCodeSource().getLocation());
    }

    private static Stream<ApiCall> handled(Method method) {
        RequestMapping mapping = AnnotatedElementUtils.findMergedAnnotation(method, RequestMapping.class);
        if (mapping == null) {
            return Stream.empty();
        }
        RequestMapping around =
                AnnotatedElementUtils.findMergedAnnotation(method.getDeclaringClass(), RequestMapping.class);
        String start = around == null ? "" : around.path()[0];
        Set<Parameter> parameters = Arrays.stream(method.getParameters())
                .flatMap(parameter -> Stream.ofNullable(Parameter.handled(parameter)))
                .collect(Collectors.toCollection(TreeSet::new));
        boolean hasBody = Arrays.asList(method.getParameterTypes()).contains(ServerHttpRequest.class);
        String end = mapping.path().length == 0 ? "" : mapping.path()[0];
        return Arrays.stream(mapping.method())
                .map(verb -> new ApiCall(
                        verb + " " + start + end,
                        parameters,
                        hasBody,
                        unusual(Arrays.stream(mapping.consumes())),
                        unusual(Arrays.stream(mapping.produces()))));
    }

    /** Two handlers of one call, which differ by what they take. */
    private ApiCall and(ApiCall other) {
        Set<String> all = new TreeSet<>(takes);
        all.addAll(other.takes);
        return new ApiCall(name, parameters, hasBody, all, gives);
    }

    private static Set<String> unusual(Stream<String> types) {
        return types.filter(type -> !type.equals("application/json")).collect(Collectors.toCollection(TreeSet::new));
    }
}
