// manifest.json of both contract versions, as version 2.

const KNOWN = [1, 2];
const MOVED = ["embedder", "weights", "agreement", "fusion", "abstention"];

export function readManifest(json) {
  const found = JSON.parse(json);
  if (!KNOWN.includes(found.contract)) throw Error(`manifest.json: contract version ${found.contract}; this page reads ${KNOWN.join(" and ")}`);
  const encoders = found.contract === 1 ? [ofVersion1(found)] : found.encoders;
  return { ...found, encoders, vectorsModel: found.vectors?.model_id ?? found.model_id };
}

function ofVersion1(found) {
  const own = Object.fromEntries(MOVED.map((key) => [key, found[key]]));
  return { name: "full", kind: "full", role: "main", file: "embedder.tflite", golden: "golden.json", ...own };
}

/** The smallest encoder, which is loaded first. */
export function smallest(manifest) {
  const size = (encoder) => manifest.files[encoder.file].bytes;
  return manifest.encoders.reduce((least, encoder) => (size(encoder) < size(least) ? encoder : least));
}
