package io.tidemill.projects;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// One object of the projects file, read field by field. A name that is not known is a mistake: a
/// switch with a typo in it would switch nothing.
final class JsonObject {

    private final String path;
    private final JsonNode fields;
    private final TreeSet<String> unread = new TreeSet<>();

    private JsonObject(String path, JsonNode node) {
        if (!node.isObject()) {
            throw new InvalidProjectsException(where(path) + " is not an object");
        }
        this.path = path;
        this.fields = node;
        unread.addAll(node.propertyNames());
    }

    static JsonObject root(JsonNode node) {
        return new JsonObject("", node);
    }

    /// Null when absent.
    @Nullable String text(String name) {
        JsonNode value = take(name);
        require(value == null || value.isString(), name, "is not a string");
        return value == null ? null : value.stringValue();
    }

    String requiredText(String name) {
        String text = text(name);
        if (text == null) {
            throw invalid(name, "is missing");
        }
        return text;
    }

    /// Null when absent.
    @Nullable Long wholeNumber(String name) {
        JsonNode value = take(name);
        require(
                value == null || (value.isIntegralNumber() && value.canConvertToLong()),
                name,
                "is not a whole number");
        return value == null ? null : (Long) value.longValue();
    }

    boolean flag(String name) {
        JsonNode value = take(name);
        require(value == null || value.isBoolean(), name, "is neither true nor false");
        return value != null && value.booleanValue();
    }

    List<String> texts(String name) {
        List<String> texts = new ArrayList<>();
        for (JsonNode element : array(name)) {
            require(element.isString(), name, "holds something else than strings");
            texts.add(element.stringValue());
        }
        return texts;
    }

    List<JsonObject> objects(String name) {
        List<JsonObject> objects = new ArrayList<>();
        for (JsonNode element : array(name)) {
            objects.add(new JsonObject(at(name) + "[" + objects.size() + "]", element));
        }
        return objects;
    }

    /// Each member of an object whose keys are names, in the order of the file.
    <T> List<T> members(String name, Function<Member, T> reader) {
        JsonNode value = take(name);
        if (value == null) {
            throw invalid(name, "is missing");
        }
        require(value.isObject(), name, "is not an object");
        List<T> members = new ArrayList<>();
        for (Map.Entry<String, JsonNode> member : value.properties()) {
            String memberPath = at(name) + "." + member.getKey();
            members.add(
                    reader.apply(
                            new Member(
                                    member.getKey(),
                                    new JsonObject(memberPath, member.getValue()))));
        }
        return members;
    }

    record Member(String name, JsonObject value) {}

    /// Turns what was read into a value that checks itself, once all fields are read.
    <T> T as(Function<JsonObject, T> value) {
        T result;
        try {
            result = value.apply(this);
        } catch (IllegalArgumentException e) {
            throw new InvalidProjectsException(where(path) + ": " + e.getMessage(), e);
        }
        if (!unread.isEmpty()) {
            throw invalid(unread.first(), "is not a field that is known here");
        }
        return result;
    }

    private Iterable<JsonNode> array(String name) {
        JsonNode value = take(name);
        require(value == null || value.isArray(), name, "is not an array");
        Iterator<JsonNode> elements =
                value == null ? List.<JsonNode>of().iterator() : value.iterator();
        return () -> elements;
    }

    private @Nullable JsonNode take(String name) {
        unread.remove(name);
        JsonNode value = fields.get(name);
        return value == null || value.isNull() ? null : value;
    }

    private void require(boolean right, String name, String complaint) {
        if (!right) {
            throw invalid(name, complaint);
        }
    }

    private InvalidProjectsException invalid(String name, String complaint) {
        return new InvalidProjectsException(at(name) + " " + complaint);
    }

    private String at(String name) {
        return path.isEmpty() ? name : path + "." + name;
    }

    private static String where(String path) {
        return path.isEmpty() ? "the file" : path;
    }
}
