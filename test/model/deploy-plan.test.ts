import {expect, test} from 'vitest'
import {deployStepNames, planDeploy, prunable} from '../../src/model/deploy-plan.ts'
import {group, record, release} from '../support/pool-values.ts'

const facts = {
  release: release(3),
  records: [record(1, 'succeeded'), record(2, 'succeeded')],
  current: 2,
  slugBytes: 1000,
  isUploaded: false,
  hosts: 3,
  groups: [group({type: 'worker'}), group()],
  leaving: [],
}

test('has the nine steps in order', () => {
  expect(planDeploy(facts).map(step => step.name)).toEqual([...deployStepNames])
})

test('says what is not needed', () => {
  const skipped = (more: object) =>
    planDeploy({...facts, ...more})
      .filter(step => !step.isNeeded)
      .map(step => step.name)
  expect(skipped({})).toEqual(['release'])
  expect(skipped({isUploaded: true})).toEqual(['upload', 'release'])
  expect(
    skipped({
      release: release(3, {
        processTypes: [
          ['release', 'migrate'],
          ['web', 'x'],
        ],
      }),
    }),
  ).toEqual([])
})

test('calls the engine by process types: the same number for 3 hosts and for 1,000 hosts with 10,000 dynos', () => {
  const calls = (hosts: number, quantity: number) =>
    planDeploy({...facts, hosts, groups: facts.groups.map(each => ({...each, quantity}))}).reduce((sum, step) => sum + step.engineCalls, 0)
  expect(calls(1000, 5000)).toBe(calls(3, 1))
  expect(planDeploy({...facts, groups: [...facts.groups, group({type: 'clock'})]}).reduce((sum, step) => sum + step.engineCalls, 0)).toBe(
    calls(3, 1) + 3,
  )
})

test('prunes what is neither among the newest ten, nor running, nor the one before', () => {
  const records = [...Array(14).keys()].map(index => record(index + 1, 'succeeded'))
  expect(prunable(records, {current: 14, previous: 13})).toEqual([4, 3, 2, 1])
  expect(prunable(records, {current: 2, previous: 1})).toEqual([4, 3])
})
