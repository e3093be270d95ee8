import {expect, test} from 'vitest'
import {startNotes} from '../../src/cli/start/start-notes.ts'
import type {StartOptions} from '../../src/model/start-options.ts'

const notes = (options: Partial<StartOptions>, isRoot = false) =>
  startNotes({addresses: [], domains: [], ...options} as StartOptions, {isRoot, port: '5006'})

test('nothing to say in the usual case', () => {
  expect(notes({addresses: ['127.0.0.1'], domains: ['api.localhost', '*']})).toEqual([])
})

test('root is told once, with the way out', () => {
  expect(notes({}, true)).toEqual([expect.stringContaining('--isolation own-uid')])
})

test('an open router says so', () => {
  expect(notes({addresses: ['0.0.0.0']})).toEqual([expect.stringContaining('Everyone in your network can reach the router')])
})

test('a name of its own gets its hosts line', () => {
  expect(notes({domains: ['www.example.test', 'shop.test', '*.example.test']})).toEqual([
    expect.stringContaining('127.0.0.1 www.example.test shop.test'),
  ])
})
