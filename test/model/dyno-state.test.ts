import {describe, expect, test} from 'vitest'
import {
  advanceDyno,
  backOffMs,
  bootTimeoutLine,
  type DynoHappening,
  type DynoLife,
  exitTimeoutLines,
  newDyno,
} from '../../src/model/dyno-state.ts'
import type {DynoState} from '../../src/model/event.ts'
import {platformLimits} from '../../src/model/limits.ts'

const limits = platformLimits()
const exit = (how: 'asked' | 'alone' | 'for good', status: number, livedMs = 5_000): DynoHappening => ({type: 'exit', how, status, livedMs})
const launch: DynoHappening = {type: 'launch', command: 'bundle exec rails server -p 22020'}

function story(happenings: readonly DynoHappening[], life: DynoLife = newDyno) {
  const lines: string[] = []
  const states: DynoState[] = [life.state]
  let restartInMs: number | undefined
  let now = life
  for (const happening of happenings) {
    const transition = advanceDyno(now, happening, limits)
    expect(transition.change?.from ?? now.state).toBe(now.state)
    expect(transition.change?.to ?? now.state).toBe(transition.life.state)
    now = transition.life
    lines.push(...transition.lines)
    if (transition.change !== undefined) states.push(transition.change.to)
    restartInMs = transition.restartInMs
  }
  return {life: now, lines, states, restartInMs}
}

const starting: DynoLife = {state: 'starting', crashes: 0}
const up: DynoLife = {state: 'up', crashes: 0}

describe('the lines of platform.md c.1, in their order', () => {
  const stories: readonly {
    name: string
    from: DynoLife
    happenings: readonly DynoHappening[]
    lines: readonly string[]
    states: readonly DynoState[]
  }[] = [
    {
      name: 'first start',
      from: newDyno,
      happenings: [{type: 'start'}, launch, {type: 'up'}],
      lines: [
        'State changed from created to starting',
        'Starting process with command `bundle exec rails server -p 22020`',
        'State changed from starting to up',
      ],
      states: ['created', 'starting', 'up'],
    },
    {
      name: 'restart',
      from: up,
      happenings: [{type: 'restart', word: 'Restarting'}, {type: 'terminate'}, exit('asked', 143), launch, {type: 'up'}],
      lines: [
        'Restarting',
        'State changed from up to starting',
        'Stopping all processes with SIGTERM',
        'Process exited with status 143',
        'Starting process with command `bundle exec rails server -p 22020`',
        'State changed from starting to up',
      ],
      states: ['up', 'starting', 'up'],
    },
    {
      name: 'restart of a web dyno, the new process up before the old one stops',
      from: up,
      happenings: [{type: 'restart', word: 'Cycling'}, launch, {type: 'up'}, {type: 'terminate'}, exit('asked', 143)],
      lines: [
        'Cycling',
        'State changed from up to starting',
        'Starting process with command `bundle exec rails server -p 22020`',
        'State changed from starting to up',
        'Stopping all processes with SIGTERM',
        'Process exited with status 143',
      ],
      states: ['up', 'starting', 'up'],
    },
    {
      name: 'crash',
      from: up,
      happenings: [exit('alone', 1)],
      lines: ['Process exited with status 1', 'State changed from up to crashed'],
      states: ['up', 'crashed'],
    },
    {
      name: 'crash while starting, with status 0',
      from: starting,
      happenings: [exit('alone', 0)],
      lines: ['Process exited with status 0', 'State changed from starting to crashed'],
      states: ['starting', 'crashed'],
    },
    {
      name: 'start after a crash',
      from: {state: 'crashed', crashes: 1},
      happenings: [{type: 'start'}],
      lines: ['State changed from crashed to starting'],
      states: ['crashed', 'starting'],
    },
    {
      name: 'scale down',
      from: up,
      happenings: [{type: 'stop', isRunning: true}, exit('asked', 143)],
      lines: ['Stopping all processes with SIGTERM', 'State changed from up to down', 'Process exited with status 143'],
      states: ['up', 'down'],
    },
    {
      name: 'stop of one that waits for its next start',
      from: {state: 'crashed', crashes: 3},
      happenings: [{type: 'stop', isRunning: false}],
      lines: ['State changed from crashed to down'],
      states: ['crashed', 'down'],
    },
    {
      name: 'idle, and awake again',
      from: up,
      happenings: [{type: 'idle'}, exit('asked', 143), {type: 'start'}, launch],
      lines: [
        'Idling',
        'State changed from up to down',
        'Stopping all processes with SIGTERM',
        'Process exited with status 143',
        'Unidling',
        'State changed from down to starting',
        'Starting process with command `bundle exec rails server -p 22020`',
      ],
      states: ['up', 'idle', 'starting'],
    },
    {
      name: 'an attached one-off',
      from: starting,
      happenings: [{type: 'up'}, {type: 'await-client'}, {type: 'launch', command: 'bash'}, exit('for good', 0)],
      lines: [
        'State changed from starting to up',
        'Awaiting client',
        'Starting process with command `bash`',
        'Process exited with status 0',
        'State changed from up to complete',
      ],
      states: ['starting', 'up', 'complete'],
    },
    {
      name: 'boot timeout (c.2)',
      from: starting,
      happenings: [{type: 'boot-timeout', seconds: 60}, exit('alone', 137)],
      lines: [
        'Error R10 (Boot timeout) -> Web process failed to bind to $PORT within 60 seconds of launch',
        'Stopping process with SIGKILL',
        'Process exited with status 137',
        'State changed from starting to crashed',
      ],
      states: ['starting', 'crashed'],
    },
    {
      name: 'another port, in a folder: it stays',
      from: starting,
      happenings: [{type: 'wrong-port', seconds: 60, port: 3000}],
      lines: ['Error R10 (Boot timeout) -> Web process failed to bind to $PORT within 60 seconds of launch, bound to port 3000 instead'],
      states: ['starting'],
    },
  ]

  test.for(stories)('$name', ({from, happenings, lines, states}) => {
    const told = story(happenings, from)
    expect(told.lines).toEqual(lines)
    expect(told.states).toEqual(states)
  })
})

describe('what comes too late or twice changes nothing', () => {
  const none: readonly [DynoState, DynoHappening][] = [
    ['down', {type: 'up'}],
    ['crashed', {type: 'up'}],
    ['up', {type: 'up'}],
    ['up', {type: 'start'}],
    ['starting', {type: 'start'}],
    ['complete', {type: 'start'}],
    ['down', {type: 'stop', isRunning: true}],
    ['complete', {type: 'stop', isRunning: false}],
    ['starting', {type: 'idle'}],
    ['up', {type: 'boot-timeout', seconds: 60}],
    ['down', {type: 'wrong-port', seconds: 60, port: 1}],
  ]
  test.for(none)('%s, %o', ([state, happening]) => {
    const life = {state, crashes: 2}
    expect(advanceDyno(life, happening, limits)).toEqual({life, lines: []})
  })

  test.for(['down', 'crashed', 'idle', 'complete'] as const)('the end of a process of a dyno that is %s is only told', state => {
    const life = {state, crashes: 1}
    expect(advanceDyno(life, exit('alone', 9), limits)).toEqual({life, lines: ['Process exited with status 9']})
  })
})

describe('back-off (c.4, local table)', () => {
  test('0, 1, 2, 4 … 60 s, however many crashes', () => {
    const seconds = [1, 2, 3, 4, 5, 6, 7, 8, 9, 2000].map(crashes => backOffMs(crashes, limits) / 1000)
    expect(seconds).toEqual([0, 1, 2, 4, 8, 16, 32, 60, 60, 60])
  })

  test('each crash waits longer than the one before', () => {
    const crash = [exit('alone', 1), {type: 'start'}] as const
    expect(story([...crash, ...crash, ...crash, exit('alone', 1)], up)).toMatchObject({
      restartInMs: 4_000,
      life: {state: 'crashed', crashes: 4},
    })
  })

  test('a crash after ten minutes of life begins anew', () => {
    expect(story([exit('alone', 1, 599_999)], {state: 'up', crashes: 6})).toMatchObject({restartInMs: 32_000, life: {crashes: 7}})
    expect(story([exit('alone', 1, 600_000)], {state: 'up', crashes: 6})).toMatchObject({restartInMs: 0, life: {crashes: 1}})
  })

  test('a restart that was asked for forgets all crashes', () => {
    const {life, lines} = story([{type: 'restart', word: 'Restarting'}], {state: 'crashed', crashes: 6})
    expect(life).toEqual({state: 'starting', crashes: 0})
    expect(lines).toEqual(['Restarting', 'State changed from crashed to starting'])
    expect(story([{type: 'restart', word: 'Restarting'}], {state: 'starting', crashes: 6})).toMatchObject({
      life: {crashes: 0},
      lines: ['Restarting'],
    })
  })

  test('only a crash is followed by a start', () => {
    expect(story([exit('asked', 143)], up).restartInMs).toBeUndefined()
    expect(story([exit('for good', 1)], up)).toMatchObject({life: {state: 'complete'}})
    expect(story([exit('for good', 1)], up).restartInMs).toBeUndefined()
  })

  test('the times follow HOMEPORT_TIME_SCALE', () => {
    expect(backOffMs(9, platformLimits(0.01))).toBe(600)
  })
})

describe('the texts of R10 and R12 (b.7)', () => {
  test('are the platform’s', () => {
    expect(bootTimeoutLine(60)).toBe('Error R10 (Boot timeout) -> Web process failed to bind to $PORT within 60 seconds of launch')
    expect(exitTimeoutLines(30)).toEqual([
      'Error R12 (Exit timeout) -> Process failed to exit within 30 seconds of SIGTERM',
      'Stopping all processes with SIGKILL',
    ])
  })
})
