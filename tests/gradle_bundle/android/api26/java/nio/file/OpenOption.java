// developer.android.com/reference/java/nio/file/OpenOption (API 26).
package java.nio.file;

public interface OpenOption {}
