// developer.android.com/reference/java/nio/file/attribute/FileAttribute (API 26).
package java.nio.file.attribute;

public interface FileAttribute<T> {
    String name();

    T value();
}
