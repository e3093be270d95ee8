import {join} from 'node:path'
import {expect} from 'vitest'
import {machineId} from '../../../src/platform/pool/machine-id.ts'
import {test} from '../../support/temp-folder.ts'

test('the same for one state folder, another for another', ({folder}) => {
  const [one, other] = [{stateDir: join(folder, 'a')}, {stateDir: join(folder, 'b')}]
  expect(machineId(one)).toBe(machineId(one))
  expect(machineId(one)).not.toBe(machineId(other))
})
