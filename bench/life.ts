// An app's life under `start`: its first answer, a saved file, one request, kill -9: node bench/life.ts [--runs 5]. Build the binary first.
import {type ChildProcess, spawn} from 'node:child_process'
import {once} from 'node:events'
import {cpSync, readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {Agent, request} from 'node:http'
import {join} from 'node:path'
import {parseArgs} from 'node:util'
import {AppRig, end} from './app-rig.ts'
import {median, printTable} from './table.ts'

type Answer = {readonly status: number; readonly text: string}

const {values} = parseArgs({options: {runs: {type: 'string', default: '5'}}})
const runs = Number(values.runs)
const agent = new Agent({keepAlive: true, maxSockets: 8})
using rig = new AppRig()
const hello = join(rig.folder, 'hello')
cpSync(join(rig.root, 'fixtures/hello'), hello, {recursive: true})
const program = readFileSync(join(hello, 'web.js'), 'utf8')

await benchFirstAnswer()
await benchSave()
await benchRequest()
await benchKill()
agent.destroy()

/** `npm start` as the README has it, to the first answer. */
async function benchFirstAnswer(): Promise<void> {
  const times: number[] = []
  for (let run = 0; run < runs; run++) {
    const startedMs = performance.now()
    const child = spawn('npm', ['start', '--silent', '--', '-p', '0', '--json'], {
      cwd: rig.root,
      env: rig.env,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const port = await portOf(child)
    await ask(port)
    times.push(performance.now() - startedMs)
    await end(child)
  }
  printTable('`npm start` to the first answer', ['', 'median s'], [['homeport', (median(times) / 1_000).toFixed(2)]])
}

/** A saved file to the first answer of the new dyno, at 200 requests a second; over what the app's own start takes. */
async function benchSave(): Promise<void> {
  const {child, events} = await rig.start(['web', '--watch', '--root', hello], seen => seen.includes('"ready"'))
  const port = portIn(events)
  const saved: number[] = []
  const own: number[] = []
  const answers = {all: 0, failed: 0}
  for (let run = 0; run < runs; run++) {
    own.push(await ownStart())
    const version = `version-${run}`
    const startedMs = performance.now()
    writeFileSync(join(hello, 'web.js'), program.replace('Hello from', version))
    for (let isNew = false, tick = 0; !isNew || tick < 100; tick++) {
      const answered = ask(port).catch(() => ({status: 0, text: ''}))
      void answered.then(({status, text}) => {
        answers.all++
        if (status !== 200) answers.failed++
        if (text.startsWith(version) && !isNew) {
          isNew = true
          saved.push(performance.now() - startedMs)
        }
      })
      await new Promise(resolve => setTimeout(resolve, 5))
    }
  }
  await end(child)
  printTable(
    'Save to the new dyno answering (`hello`, `--watch`), at 200 requests a second',
    ['', 'median ms', 'own start, ms', 'ratio', 'requests', 'failed'],
    [
      [
        'homeport',
        median(saved).toFixed(0),
        median(own).toFixed(0),
        (median(saved) / median(own)).toFixed(2),
        String(answers.all),
        String(answers.failed),
      ],
    ],
  )
}

/** The app alone, to its first answer. */
async function ownStart(): Promise<number> {
  const startedMs = performance.now()
  const child = spawn('bash', ['-c', 'node web.js'], {cwd: hello, env: {...process.env, PORT: '0'}, stdio: ['ignore', 'pipe', 'ignore']})
  // With PORT=0 it says 0: its end is the line that it listens.
  await once(child.stdout, 'data')
  const tookMs = performance.now() - startedMs
  await end(child, 'SIGKILL')
  return tookMs
}

async function benchRequest(): Promise<void> {
  const {child, events} = await rig.start(['web', '--root', hello], seen => seen.includes('"ready"'))
  const dynoPort = Number(/"to":"up"[^\n]*"port":(\d+)/.exec(events)?.[1] ?? /"port":(\d+)/.exec(events)?.[1])
  const times = {direct: [] as number[], router: [] as number[]}
  for (let count = 0; count < 3_000; count++) {
    times.direct.push(await timed(dynoPort))
    times.router.push(await timed(portIn(events)))
  }
  await end(child)
  const [direct, router] = [median(times.direct), median(times.router)]
  printTable(
    'One request, keep-alive',
    ['', 'direct, median ms', 'through the router', 'more'],
    [['homeport', ...[direct, router, router - direct].map(ms => ms.toFixed(3))]],
  )
}

/** Ten dynos, each a tree of four that ignores SIGTERM, with setsid and a double fork: what is left two seconds after kill -9 of Homeport. */
async function benchKill(): Promise<void> {
  const app = rig.makeApp('tree', 'sh tree.sh')
  const stubborn = "trap '' TERM HUP INT; while :; do sleep 1; done"
  writeFileSync(
    join(app, 'tree.sh'),
    `trap '' TERM HUP INT\nsetsid sh -c "${stubborn}" &\n(setsid sh -c "${stubborn}" &)\nsh -c "${stubborn}" &\nwhile :; do sleep 1; done\n`,
  )
  const mark = `BENCH_MARK=${process.pid}`
  const [name = '', value = ''] = mark.split('=')
  const child = spawn(rig.program, ['start', '-m', 'web=10', '--no-router'], {cwd: app, env: {...rig.env, [name]: value}, stdio: 'ignore'})
  while (marked(mark) < 80) await new Promise(resolve => setTimeout(resolve, 50))
  const before = marked(mark)
  const killedMs = performance.now()
  await end(child, 'SIGKILL')
  let tookMs = Number.NaN
  while (performance.now() - killedMs < 2_000) {
    if (marked(mark) === 0) {
      tookMs = performance.now() - killedMs
      break
    }
    await new Promise(resolve => setTimeout(resolve, 20))
  }
  printTable(
    'kill -9 of Homeport over 10 stubborn trees',
    ['', 'processes', 'left after 2 s', 'all gone after ms'],
    [['homeport', String(before), String(marked(mark)), tookMs.toFixed(0)]],
  )
}

function marked(mark: string): number {
  return readdirSync('/proc').filter(pid => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(mark)
    } catch {
      return false
    }
  }).length
}

async function portOf(child: ChildProcess): Promise<number> {
  let text = ''
  child.stdout?.on('data', chunk => {
    text += chunk
  })
  while (!text.includes('"ready"') && child.stdout !== null) await once(child.stdout, 'data')
  return portIn(text)
}

function portIn(events: string): number {
  return Number(/"url":"http:\/\/localhost:(\d+)/.exec(events)?.[1])
}

async function timed(port: number): Promise<number> {
  const startedMs = performance.now()
  await ask(port)
  return performance.now() - startedMs
}

function ask(port: number): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request({port, host: '127.0.0.1', headers: {Host: 'localhost'}, agent}, answer => {
      let text = ''
      answer.on('data', chunk => {
        text += chunk
      })
      answer.on('end', () => resolve({status: answer.statusCode ?? 0, text}))
    })
      .on('error', reject)
      .end()
  })
}
