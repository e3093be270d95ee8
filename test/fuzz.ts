import {parseArgs} from 'node:util'
import {fuzzRouter} from './engines/router/fuzz/fuzz-router.ts'

/** `npm run fuzz [-- NAME…] [--seconds N] [--seed N]`: the generators of `npm test`, for as long as one likes. */
const fuzzers: Readonly<Record<string, (options: {seed: number; untilMs: number}) => Promise<number>>> = {
  router: fuzzRouter,
}

const {positionals, values} = parseArgs({
  allowPositionals: true,
  options: {seconds: {type: 'string', default: '60'}, seed: {type: 'string', default: String(Date.now() % 1_000_000)}},
})

for (const name of positionals.length > 0 ? positionals : Object.keys(fuzzers)) {
  const fuzz = fuzzers[name]
  if (fuzz === undefined) throw new Error(`No fuzzer “${name}”; there are: ${Object.keys(fuzzers).join(', ')}.`)
  console.log(`${name}: from seed ${values.seed}, for ${values.seconds} s`)
  const rounds = await fuzz({seed: Number(values.seed), untilMs: Date.now() + Number(values.seconds) * 1000})
  console.log(`${name}: ${rounds} rounds, nothing found`)
}
