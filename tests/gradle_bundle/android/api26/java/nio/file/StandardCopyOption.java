// developer.android.com/reference/java/nio/file/StandardCopyOption (API 26).
package java.nio.file;

public enum StandardCopyOption implements CopyOption {
    REPLACE_EXISTING,
    COPY_ATTRIBUTES,
    ATOMIC_MOVE
}
