import {type ChildProcess, spawn} from 'node:child_process'
import {Agent, request} from 'node:http'
import {setTimeout as sleep} from 'node:timers/promises'
import {fileURLToPath} from 'node:url'
import {freePort} from './rig.ts'
import {startHomeport} from './routers.ts'

const program = fileURLToPath(new URL('slow-dyno.ts', import.meta.url))
const everyMs = 4

/**
 * Four dynos, one slow, one that ends and begins again every second, and the router told nothing about it: GETs at a steady rate. Gives
 * how many were answered and how many failed.
 */
export async function measureRestarts(folder: string, seconds: number): Promise<{answered: number; failed: number}> {
  const ports = await Promise.all([1, 2, 3, 4].map(freePort))
  const [slow = 0, restarting = 0] = ports
  const children = new Map(ports.map(port => [port, startDyno(port, port === slow ? 300 : 5)]))
  try {
    await using router = await startHomeport(ports, folder)
    await answers(router.port)
    const isOver = new AbortController()
    const restarts = (async () => {
      while (!isOver.signal.aborted) {
        await sleep(1000)
        const old = children.get(restarting)
        if (old !== undefined) await end(old, 'SIGTERM')
        children.set(restarting, startDyno(restarting, 5))
      }
    })()
    const result = await ask(router.port, seconds)
    isOver.abort()
    await restarts
    return result
  } finally {
    for (const child of children.values()) await end(child, 'SIGKILL')
  }
}

function startDyno(port: number, delayMs: number): ChildProcess {
  return spawn(process.execPath, [program, String(port), String(delayMs)], {stdio: 'ignore'})
}

async function end(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise(resolve => child.on('close', resolve))
  child.kill(signal)
  await ended
}

/** Until all four dynos are there a request may fail. */
async function answers(port: number): Promise<void> {
  const agent = new Agent()
  for (let good = 0; good < 50; ) good = (await get(port, agent)) ? good + 1 : 0
}

async function ask(port: number, seconds: number): Promise<{answered: number; failed: number}> {
  const agent = new Agent({keepAlive: true, maxSockets: 64})
  const results: Promise<boolean>[] = []
  const endMs = Date.now() + seconds * 1000
  while (Date.now() < endMs) {
    results.push(get(port, agent))
    await sleep(everyMs)
  }
  const settled = await Promise.all(results)
  agent.destroy()
  return {answered: settled.filter(isGood => isGood).length, failed: settled.filter(isGood => !isGood).length}
}

function get(port: number, agent: Agent): Promise<boolean> {
  return new Promise(resolve => {
    const asked = request({port, host: '127.0.0.1', agent}, response => {
      response.resume().on('end', () => resolve(response.statusCode === 200))
      response.on('error', () => resolve(false))
    })
    asked.on('error', () => resolve(false)).end()
  })
}
