package io.tidemill.guarantees.bugs;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.MethodModel;
import java.lang.classfile.instruction.ConstantInstruction.LoadConstantInstruction;
import java.lang.classfile.instruction.ReturnInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/// A change of a compiled class of Tidemill. One that finds nothing to change fails: the class is
/// no longer what it was made for.
record Patch(String className, Function<AtomicInteger, ClassTransform> change) {

    private static final ClassDesc PLANTED = ClassDesc.of(Planted.class.getName());

    /// Another text in the place of a part of a text constant.
    static Patch text(String className, String part, String other) {
        return new Patch(
                className,
                hits ->
                        ClassTransform.transformingMethodBodies((code, element) -> {
                            if (element instanceof LoadConstantInstruction constant
                                    && constant.constantValue() instanceof String text
                                    && text.contains(part)) {
                                hits.incrementAndGet();
                                code.loadConstant(text.replace(part, other));
                            } else {
                                code.with(element);
                            }
                        }));
    }

    /// A method that says true, whatever it is asked.
    static Patch alwaysTrue(String className, String method) {
        return new Patch(
                className,
                hits ->
                        ClassTransform.transformingMethodBodies(
                                named(method),
                                CodeTransform.ofStateful(() ->
                                        (code, element) -> {
                                            if (element instanceof ReturnInstruction) {
                                                hits.incrementAndGet();
                                                code.pop().iconst_1().ireturn();
                                            } else {
                                                code.with(element);
                                            }
                                        })));
    }

    /// A method whose result goes through one of {@link Planted} first, together with its first
    /// argument.
    static Patch result(String className, String method, String through) {
        MethodTypeDesc type =
                MethodTypeDesc.of(
                        ClassDesc.of("reactor.core.publisher.Mono"),
                        List.of(
                                ClassDesc.of("reactor.core.publisher.Mono"),
                                ConstantDescs.CD_Object));
        return new Patch(
                className,
                hits ->
                        ClassTransform.transformingMethodBodies(
                                named(method),
                                (code, element) -> {
                                    if (element instanceof ReturnInstruction) {
                                        hits.incrementAndGet();
                                        code.aload(1).invokestatic(PLANTED, through, type);
                                    }
                                    code.with(element);
                                }));
    }

    /// Writes the changed class into a folder that comes first on the class path.
    ///
    /// @param original the class as it is now
    /// @return the class as it is after this
    byte[] apply(byte[] original) {
        AtomicInteger hits = new AtomicInteger();
        ClassFile classFile = ClassFile.of();
        ClassModel model = classFile.parse(original);
        byte[] changed = classFile.transformClass(model, change.apply(hits));
        if (hits.get() == 0) {
            throw new IllegalStateException("nothing to change in " + className);
        }
        return changed;
    }

    String resource() {
        return className.replace('.', '/') + ".class";
    }

    byte[] original() throws IOException {
        try (InputStream in = Patch.class.getClassLoader().getResourceAsStream(resource())) {
            if (in == null) {
                throw new IllegalStateException("there is no " + className);
            }
            return in.readAllBytes();
        }
    }

    static void write(Path folder, String resource, byte[] content) throws IOException {
        Path file = folder.resolve(resource);
        Files.createDirectories(file.getParent());
        Files.write(file, content);
    }

    private static java.util.function.Predicate<MethodModel> named(String method) {
        return each -> each.methodName().equalsString(method) && each.code().isPresent();
    }
}
