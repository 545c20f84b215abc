package io.tidemill.launcher;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.dialect.Dialects;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/// An OpenAPI document, and whether answers are what it says.
final class OpenApi {

    private static final String LOCATION = "urn:tidemill:openapi";

    private final JsonNode document;
    private final SchemaRegistry schemas;

    OpenApi(String yaml) {
        document = new YAMLMapper().readTree(yaml);
        schemas =
                SchemaRegistry.withDialect(
                        Dialects.getOpenApi31(),
                        builder -> builder.schemas(Map.of(LOCATION, document.toString())));
    }

    JsonNode document() {
        return document;
    }

    Set<String> paths() {
        return new TreeSet<>(document.get("paths").propertyNames());
    }

    /// The methods that a path describes, in upper case.
    Set<String> methods(String path) {
        Set<String> methods = new TreeSet<>();
        document.get("paths").get(path).propertyNames().forEach(it -> methods.add(upper(it)));
        return methods;
    }

    /// In what an answer differs from its description; empty when it is as described.
    ///
    /// @param path as the document writes it
    List<String> differences(String method, String path, HttpResponse<String> answer) {
        String pointer = "/paths/" + escaped(path) + "/" + lower(method) + "/responses/";
        JsonNode responses = document.at(pointer.substring(0, pointer.length() - 1));
        if (responses.isMissingNode()) {
            return List.of("no such operation");
        }
        String status = Integer.toString(answer.statusCode());
        if (!responses.has(status) && answer.statusCode() < 400) {
            return List.of("status " + status);
        }
        return differences(pointer + (responses.has(status) ? status : "default"), answer);
    }

    /// The same by a response that several operations share.
    List<String> differences(String pointer, HttpResponse<String> answer) {
        JsonNode response = document.at(pointer);
        if (response.has("$ref")) {
            return differences(response.get("$ref").asString().substring(1), answer);
        }
        List<String> differences = new ArrayList<>();
        checkHeaders(response, answer, differences);
        checkBody(pointer, response, answer, differences);
        return differences;
    }

    /// Every `$ref` that leads nowhere.
    List<String> danglingReferences() {
        List<String> dangling = new ArrayList<>();
        for (JsonNode reference : document.findValues("$ref")) {
            if (document.at(reference.asString().substring(1)).isMissingNode()) {
                dangling.add(reference.asString());
            }
        }
        return dangling;
    }

    private void checkHeaders(
            JsonNode response, HttpResponse<String> answer, List<String> differences) {
        Map<String, JsonNode> headers = new HashMap<>();
        response.path("headers")
                .properties()
                .forEach(it -> headers.put(it.getKey(), it.getValue()));
        headers.forEach((name, described) -> {
            JsonNode header =
                    described.has("$ref")
                            ? document.at(described.get("$ref").asString().substring(1))
                            : described;
            List<String> values = answer.headers().allValues(name);
            if (values.size() != 1 && header.path("required").asBoolean()) {
                differences.add("header " + name + " is there so often: " + values.size());
            }
            JsonNode constant = header.at("/schema/const");
            if (!constant.isMissingNode() && !values.contains(constant.asString())) {
                differences.add("header " + name + " is " + values);
            }
        });
    }

    private void checkBody(
            String pointer,
            JsonNode response,
            HttpResponse<String> answer,
            List<String> differences) {
        if (!response.has("content")) {
            if (!answer.body().isEmpty()) {
                differences.add("there is a body");
            }
            return;
        }
        String type = answer.headers().firstValue("content-type").orElse("").replaceAll(";.*", "");
        if (!response.get("content").has(type)) {
            differences.add("content type " + type);
            return;
        }
        if (type.endsWith("json")) {
            String schema = pointer + "/content/" + escaped(type) + "/schema";
            schema(schema)
                    .validate(answer.body(), InputFormat.JSON)
                    .forEach(error -> differences.add(error.toString()));
        }
    }

    private Schema schema(String pointer) {
        return schemas.getSchema(SchemaLocation.of(LOCATION + "#" + pointer));
    }

    private static String escaped(String key) {
        return key.replace("~", "~0").replace("/", "~1");
    }

    private static String upper(String method) {
        return method.toUpperCase(Locale.ROOT);
    }

    private static String lower(String method) {
        return method.toLowerCase(Locale.ROOT);
    }
}
