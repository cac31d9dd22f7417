// One .tflite in LiteRT.js, on one thread of the processor: each model has a runtime of its own, which goes with it, since
// WebAssembly's memory never shrinks and a runtime that failed is not used again.

/** `v128.const` and an addition of int8: WebAssembly's SIMD, which LiteRT.js needs in both of its builds. */
const SIMD = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
]);
const FOLDER = "packages/litert/";
const BUILDS = { true: "litert_wasm_internal", false: "litert_wasm_compat_internal" };

let compiled = null, started = 0;

/** The files that the model's runtime is loaded from are `files`'; its bytes are a .tflite's. */
export async function openModel(files, bytes, { lengths, dims }) {
  if (!WebAssembly.validate(SIMD)) throw Error("this browser has no WebAssembly SIMD");
  const said = [], litert = await import(new URL(`../${FOLDER}index.js?${++started}`, import.meta.url).href);
  const build = BUILDS[await litert.supportsFeature("relaxedSimd")];
  compiled ??= WebAssembly.compile(await files.load(`${FOLDER}wasm/${build}.wasm`));
  const module = await compiled;
  try {
    const runtime = await start(litert, build, module, said);
    const model = await litert.loadAndCompile(bytes, { accelerator: "wasm" });
    check(model, lengths, dims);
    return new Model(litert, runtime, model);
  } catch (error) {
    throw Error(`LiteRT.js can't open it (${reason(error, said)})`);
  }
}

function start(litert, build, module, said) {
  // It would ask for a GPU, log that there is none, and not use the one that there is.
  Object.defineProperty(self.navigator, "gpu", { value: { requestAdapter: async () => null }, configurable: true });
  const failed = new Promise((_, fail) => {
    self.Module = {
      instantiateWasm(imports, done) {
        WebAssembly.instantiate(module, imports).then((instance) => done(instance, module), fail);
        return {};
      },
      print() {},
      printErr: (line) => said.push(line),
    };
  });
  const script = new URL(`../${FOLDER}wasm/${build}.js`, import.meta.url).href;
  return quietly(() => Promise.race([litert.loadLiteRt(script), failed]));
}

/** Its notes on what it looks for are no warnings of ours. */
async function quietly(work) {
  const { warn, info, log } = console;
  Object.assign(console, { warn() {}, info() {}, log() {} });
  try {
    return await work();
  } finally {
    Object.assign(console, { warn, info, log });
  }
}

function check(model, lengths, dims) {
  for (const length of lengths) {
    const signature = model.signatures[`embed_${length}`];
    const found = signature && [...signature.getInputDetails(), ...signature.getOutputDetails()].map((one) => `${one.dtype}[${[...one.shape]}]`);
    if (found?.join() !== `int32[1,${length}],float32[1,${dims}]`) throw Error(`its signature embed_${length} is ${found ?? "missing"}`);
  }
}

function reason(error, said) {
  const told = [error instanceof Error ? error.message : String(error), ...said.filter((line) => !line.startsWith("INFO"))].join("; ");
  return error instanceof RangeError || /memory|OOM|allocat/i.test(told) ? "too little memory" : told.slice(0, 200);
}

class Model {
  #litert;
  #runtime;
  #model;

  constructor(litert, runtime, model) {
    this.#litert = litert;
    this.#runtime = runtime;
    this.#model = model;
  }

  /** Bytes of memory that the runtime holds, model and all. */
  get memory() {
    return this.#runtime.liteRtWasm.HEAPU8.length;
  }

  /** Runs ids, padded to a length L that has a signature `embed_L`; float32 [dims]. */
  async run(ids) {
    const length = ids.length;
    const input = new this.#litert.Tensor(Int32Array.from(ids), [1, length]);
    const [output] = await this.#model.run(`embed_${length}`, [input]);
    const vector = output.toTypedArray();
    input.delete();
    output.delete();
    return vector;
  }
}
