// developer.android.com/reference/java/nio/file/StandardOpenOption (API 26), as much as the runtime uses.
package java.nio.file;

public enum StandardOpenOption implements OpenOption {
    CREATE,
    READ,
    WRITE
}
