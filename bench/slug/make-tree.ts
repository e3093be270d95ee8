import {mkdirSync, writeFileSync} from 'node:fs'

/**
 * Writes the sample of the slug benchmarks: about 17,000 files and 170 MB in the shape of a Node app with its node_modules.
 * Text of made-up identifiers with the redundancy of source code, one file in forty a binary. The same tree each time.
 */
export function makeTree(folder: string, {files = 17_000, bytes = 170_000_000}: {files?: number; bytes?: number} = {}): void {
  const random = mulberry32(20_140_101)
  const words = Array.from({length: 4_000}, () => word(random))
  const mean = bytes / files
  mkdirSync(`${folder}/src`, {recursive: true})
  writeFileSync(`${folder}/Procfile`, 'web: node server.js\n')
  writeFileSync(`${folder}/package.json`, '{"name": "sample", "private": true}\n')
  writeFileSync(`${folder}/server.js`, text(words, 6_000, random))
  const recent: string[] = []
  for (let written = 3, module = 0; written < files; module++) {
    const root = `${folder}/node_modules/${words[module % words.length]}-${module}`
    const count = Math.min(files - written, 1 + Math.floor(random() * 60))
    for (let index = 0; index < count; index++, written++) {
      const parent = index % 10 === 0 ? root : `${root}/${['lib', 'dist', 'dist/cjs', 'dist/esm'][index % 4]}`
      if (index < 10) mkdirSync(parent, {recursive: true})
      const size = Math.floor(mean * 0.35 * Math.exp(random() * 2.2 - 0.3) * (random() < 0.02 ? 12 : 0.85))
      const binary = random() < 0.012
      writeFileSync(
        `${parent}/${words[Math.floor(random() * 900)]}${index}.${binary ? 'bin' : 'js'}`,
        binary ? noise(size, random) : variantOrText(recent, words, size, random),
      )
    }
  }
}

function mulberry32(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

function word(random: () => number): string {
  let letters = ''
  for (let length = 5 + Math.floor(random() * 8); length > 0; length--)
    letters += String.fromCharCode(97 + Math.floor(random() ** 1.6 * 26))
  return letters
}

/** Packages bring the same code in several shapes: one file in so many is like one before it. */
function variantOrText(recent: string[], words: readonly string[], size: number, random: () => number): string {
  const before = random() < variants ? recent[Math.floor(random() * recent.length)] : undefined
  if (before !== undefined) return `// ${words[Math.floor(random() * words.length)]}\n${before}`
  const made = text(words, size, random)
  recent.push(made)
  if (recent.length > 30) recent.shift()
  return made
}

const variants = 0.25

/** A file speaks of a few things, repeats some of its lines, and says the rest anew with the same words. */
function text(words: readonly string[], size: number, random: () => number): string {
  const own = Array.from({length: 6 + Math.ceil(size / wordBytes)}, () => words[Math.floor(random() ** 2 * words.length)] ?? '')
  const said: string[] = []
  let lines = ''
  while (lines.length < size) {
    const old = random() < repeated ? said[Math.floor(random() * said.length)] : undefined
    const line = old ?? newLine(own, random)
    if (old === undefined) said.push(line)
    lines += line
  }
  return lines
}

const wordBytes = 600
const repeated = 0.65

function newLine(own: readonly string[], random: () => number): string {
  const pick = () => own[Math.floor(random() ** 1.8 * own.length)] ?? ''
  const shapes = [
    () => `    const ${pick()} = ${pick()}.${pick()}(${pick()});\n`,
    () => `    if (${pick()} === undefined) return ${pick()};\n`,
    () => `  ${pick()}.${pick()} = function ${pick()}(${pick()}, ${pick()}) {\n`,
    () => `    // ${pick()} ${pick()} the ${pick()} of ${pick()}\n`,
    () => `exports.${pick()} = ${pick()};\n`,
    () => '  }\n\n',
  ]
  return (shapes[Math.floor(random() * shapes.length)] ?? pick)()
}

function noise(size: number, random: () => number): Buffer {
  const bytes = Buffer.alloc(size)
  for (let index = 0; index < size; index++) bytes[index] = random() ** 2 * 256
  return bytes
}
