// developer.android.com/reference/java/util/Base64 (API 26), as much as the runtime uses.
package java.util;

public class Base64 {
    private Base64() {}

    public static native Decoder getDecoder();

    public static class Decoder {
        private Decoder() {}

        public native byte[] decode(String src);
    }
}
