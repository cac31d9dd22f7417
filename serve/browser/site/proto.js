// The fields of one message of Protocol Buffers' wire format (protobuf.dev, "Encoding").

/** Yields [field, value]: a number for varints, a Float for 32 bits, a Uint8Array for what has its length in front. */
export function* fields(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (at >= bytes.length) throw Error("it ends in the middle of a field");
      const byte = bytes[at++];
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw Error("a number has more than ten bytes");
  };
  const take = (count) => {
    if (count > bytes.length - at) throw Error("it ends in the middle of a field");
    at += count;
    return at - count;
  };
  while (at < bytes.length) {
    const tag = varint(), field = Math.floor(tag / 8);
    switch (tag % 8) {
      case 0: yield [field, varint()]; break;
      case 1: take(8); break;
      case 2: { const count = varint(), from = take(count); yield [field, bytes.subarray(from, from + count)]; break; }
      case 5: yield [field, view.getFloat32(take(4), true)]; break;
      default: throw Error(`a field has the wire type ${tag % 8}`);
    }
  }
}
