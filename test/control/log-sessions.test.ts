import {expect, test, vi} from 'vitest'
import {LogSessions} from '../../src/control/log-sessions.ts'

const wishes = {logFolder: '/log', filter: {}, lines: 100, tail: false}

test('a session is found until nobody has used it for six minutes', ({onTestFinished}) => {
  vi.useFakeTimers({toFake: ['Date']})
  onTestFinished(() => {
    vi.useRealTimers()
  })
  const sessions = new LogSessions()
  const {id} = sessions.open(wishes)
  for (let minute = 0; minute < 10; minute += 5) {
    vi.setSystemTime(Date.now() + 300_000)
    expect(sessions.find(id)).toMatchObject(wishes)
  }
  vi.setSystemTime(Date.now() + 361_000)
  expect(sessions.find(id)).toBeUndefined()
})

test('the number of sessions is bounded, the oldest go first', () => {
  const sessions = new LogSessions()
  const ids = Array.from({length: 1_500}, () => sessions.open(wishes).id)
  expect(new Set(ids).size).toBe(1_500)
  expect(sessions.find(ids[0] ?? '')).toBeUndefined()
  expect(sessions.find(ids.at(-1) ?? '')).toBeDefined()
})
