// Reads files with speedscope's own importers, those of its app as npm ships it, and prints what it understood of each as JSON:
// [[profile, unit, [[[name, file, line] from the outside in, ...], weight], ...], ...].
//
// usage: node read_speedscope.mjs NODE_MODULES FILE...
import fs from 'node:fs';
import path from 'node:path';
import vm from 'node:vm';

const [modules, ...files] = process.argv.slice(2);
const release = path.join(modules, 'speedscope/dist/release');
const name = fs.readdirSync(release).find(file => /^speedscope-.*\.js$/.test(file));
const app = fs.readFileSync(path.join(release, name), 'utf8');

// The app keeps its functions to itself: the one that takes a file's name and bytes is handed out where it is defined.
const importer = /async function (\w+)\(\w+,\w+\)\{return\(await \w+\)\.importProfilesFromArrayBuffer\(\w+,\w+\)\}/.exec(app);
if (!importer) throw new Error(`${name} has no importProfilesFromArrayBuffer`);
const opened = app.replace(importer[0], `${importer[0]}globalThis.readBack = ${importer[1]};`);

// What the app finds of a browser: enough to get to its importers.  Drawing its page fails, and is not wanted.
const anything = new Proxy(function () {}, {
  get: (_, key) => (key === Symbol.toPrimitive ? () => '' : key === Symbol.iterator ? undefined : anything),
  apply: () => anything,
  construct: () => anything,
  set: () => true,
});
const location = {hash: '', href: 'file:///index.html'};
const quiet = {...console, log() {}, time() {}, timeEnd() {}};
const context = vm.createContext({
  window: {location, addEventListener() {}, devicePixelRatio: 1},
  document: anything, location, navigator: {userAgent: ''}, console: quiet, matchMedia: () => anything,
  localStorage: {getItem: () => null, setItem() {}}, HTMLElement: class {}, HTMLCanvasElement: class {}, MutationObserver: anything,
  TextDecoder, TextEncoder, URL, Blob, WebAssembly, atob, performance, setTimeout, clearTimeout, requestAnimationFrame() {},
});
context.self = context;
try {
  vm.runInContext(opened, context);
} catch (error) {
  if (!context.readBack) throw new Error(`${name} does not get to its importers: ${error.message}`);
}

function stacks(profile) {
  const found = [];
  const walk = (node, above) => {
    for (const child of node.children) {
      const stack = [...above, [child.frame.name, child.frame.file ?? null, child.frame.line ?? null]];
      if (child.getSelfWeight() > 0) found.push([stack, child.getSelfWeight()]);
      walk(child, stack);
    }
  };
  walk(profile.getAppendOrderCalltreeRoot(), []);
  return found;
}

const read = [];
for (const file of files) {
  const bytes = fs.readFileSync(file);
  const group = await context.readBack(path.basename(file), bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  read.push(group && group.profiles.map(profile => [profile.getName(), profile.getWeightUnit(), stacks(profile)]));
}
process.stdout.write(JSON.stringify(read));
