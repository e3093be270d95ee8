import {expect, test} from 'vitest'
import {deployStepNames, planDeploy, prunable} from '../../src/model/deploy-plan.ts'
import {planPlacement} from '../../src/model/placement.ts'
import {group, host, record, release} from '../support/pool-values.ts'

const facts = {
  release: release(3),
  records: [record(1, 'succeeded'), record(2, 'succeeded')],
  current: 2,
  slugBytes: 1000,
  isUploaded: false,
  hosts: 3,
  groups: [group({type: 'worker'}), group()],
  leaving: [],
  configVars: [],
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

test('names the config vars that the release has', () => {
  const commit = (configVars: readonly string[]) => planDeploy({...facts, configVars}).find(step => step.name === 'commit')?.detail
  expect(commit([])).toMatch(/no config vars$/)
  expect(commit(['API_KEY', 'MODE'])).toMatch(/^release v3: .*; config vars API_KEY, MODE$/)
})

test('a deploy of 10,000 dynos to 1,000 hosts is planned at once, with calls by process types', async ({annotate}) => {
  const hosts = [...Array(1000).keys()].map(index => host(`h${index}`, {memoryFreeBytes: 32 * 1024 ** 3}))
  const groups = ['web', 'worker', 'clock', 'mailer'].map(type => group({type, quantity: 2500}))
  const from = performance.now()
  const steps = planDeploy({...facts, hosts: hosts.length, groups})
  const {pending} = planPlacement(groups, hosts)
  const tookMs = performance.now() - from
  await annotate(`planned in ${Math.round(tookMs)} ms`)
  expect(pending).toEqual([])
  expect(steps.reduce((sum, step) => sum + step.engineCalls, 0)).toBeLessThanOrEqual(6 + 4 * groups.length)
  // A bound on a hang; what is promised are 2 s.
  expect(tookMs).toBeLessThan(20_000)
})
