import {mkdirSync, readdirSync, statSync, writeFileSync} from 'node:fs'
import {expect} from 'vitest'
import {listSessions, readRecord, recordFile, type SessionRecord, writeRecord} from '../../../src/engines/dyno/session-record.ts'
import {test} from '../../support/temp-folder.ts'

const record: SessionRecord = {
  id: '0123abcde',
  realm: 'boot namespace',
  homeport: {pid: 1, startTime: '2'},
  dynos: [{pid: 3, startTime: '4'}],
  paths: ['/tmp/x'],
}

test('a record is read as it was written, by this user alone, and leaves nothing beside it', ({folder}) => {
  writeRecord(folder, record)
  writeRecord(folder, {...record, dynos: []})
  expect(readRecord(recordFile(folder))).toEqual({...record, dynos: []})
  expect(statSync(recordFile(folder)).mode & 0o777).toBe(0o600)
  expect(readdirSync(folder)).toEqual(['session.json'])
})

test.for([
  '',
  '{',
  'null',
  '[]',
  '"x"',
  JSON.stringify({...record, id: '../../etc'}),
  JSON.stringify({...record, realm: 1}),
  JSON.stringify({...record, homeport: null}),
  JSON.stringify({...record, dynos: [{pid: '3'}]}),
  JSON.stringify({...record, paths: ['relative']}),
])('what no Homeport wrote is no record: %s', (text, {folder}) => {
  writeFileSync(recordFile(folder), text)
  expect(readRecord(recordFile(folder))).toBeUndefined()
})

test('sessions are listed; where there never was one, there are none', ({folder}) => {
  expect(listSessions(folder)).toEqual([])
  mkdirSync(`${folder}/sessions/abc`, {recursive: true})
  expect(listSessions(folder)).toEqual([`${folder}/sessions/abc`])
})
