import {setImmediate} from 'node:timers/promises'
import type {Peer} from './peer.ts'
import {expect, host, ok, type Rig, test} from './rig.ts'

/** Lets what was sent be read before more is sent. */
async function readSoFar(): Promise<void> {
  for (let i = 0; i < 3; i++) await setImmediate()
}

async function sendCut(peer: Peer, text: string, cut: number): Promise<void> {
  peer.send(text.slice(0, cut))
  await readSoFar()
  peer.send(text.slice(cut))
}

const requests = [
  `GET /a?b HTTP/1.1\r\n${host}X: 1\r\nConnection: close\r\n\r\n`,
  `POST / HTTP/1.1\r\nContent-Length: 5\r\n${host}Connection: close\r\n\r\nabcde`,
  `POST / HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\nabc\r\n1;x=y\r\nd\r\n0\r\nT: 1\r\n\r\n`,
] as const

const answers = [
  ok,
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1;x=y\r\nd\r\n0\r\nT: 1\r\n\r\n',
  'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 Not Found\r\nServer: x\r\nContent-Length: 3\r\nVia: 1.1 y\r\n\r\nabc',
] as const

const withoutTimes = (text: string) => text.replaceAll(/^(X-Request-Id|Connect-Time|X-Request-Start|Total-Route-Time): .*$/gm, '$1')

async function takeRequest(rig: Rig, request: string, cut: number): Promise<string> {
  const client = await rig.connect()
  await sendCut(client, request, cut)
  const dyno = await rig.dyno.accept()
  await dyno.reads(request.includes('chunked') ? /\r\n0\r\nT: 1\r\n\r\n$/ : request.includes('abcde') ? /abcde$/ : /\r\n\r\n$/)
  const text = dyno.text
  dyno.send(`${ok.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n')}`)
  expect(await client.closes()).toMatch(/^HTTP\/1\.1 200 OK.*ok$/s)
  return withoutTimes(text)
}

async function takeAnswer(rig: Rig, answer: string, cut: number): Promise<string> {
  const client = (await rig.connect()).send(`GET / HTTP/1.1\r\n${host}Connection: close\r\n\r\n`)
  const dyno = await rig.dyno.accept()
  await dyno.reads(/\r\n\r\n$/)
  await sendCut(dyno, answer.replace(/\r\n\r\n(?!HTTP)/, '\r\nConnection: close\r\n\r\n'), cut)
  return client.closes()
}

test.for(requests)('a request that is cut at any byte arrives the same: %j', async (request, {makeRig}) => {
  const rig = await makeRig()
  const whole = await takeRequest(rig, request, 0)
  for (let cut = 1; cut < request.length; cut++) expect([cut, await takeRequest(rig, request, cut)]).toEqual([cut, whole])
  expect(rig.events).toHaveLength(request.length)
})

test.for(answers)('an answer that is cut at any byte arrives the same: %j', async (answer, {makeRig}) => {
  const rig = await makeRig()
  const whole = await takeAnswer(rig, answer, 0)
  for (let cut = 1; cut < answer.length; cut++) expect([cut, await takeAnswer(rig, answer, cut)]).toEqual([cut, whole])
  expect(rig.events).toHaveLength(answer.length)
})
