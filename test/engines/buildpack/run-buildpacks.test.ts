import {existsSync, readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect} from 'vitest'
import {detectShipped, runBuildpacks} from '../../../src/engines/buildpack/run-buildpacks.ts'
import {fetched, scriptContext} from '../../support/build-context.ts'
import {parseEnv, type RecordingOptions, recordingBuildpack} from '../../support/recording-buildpack.ts'
import {test} from '../../support/temp-folder.ts'

async function make(folder: string, packs: Record<string, RecordingOptions['scripts']>) {
  const said: string[] = []
  const steps: string[] = []
  const {context} = scriptContext(folder)
  const made = await Promise.all(
    Object.entries(packs).map(async ([name, scripts]) =>
      fetched(name, await recordingBuildpack(join(folder, 'packs', name), join(folder, 'record'), name, scripts ? {scripts} : {})),
    ),
  )
  const options = {
    context,
    say: (...lines: readonly string[]) => said.push(...lines),
    onStep: (name: string, status: string, detail?: string) => steps.push(`${name} ${status} ${detail}`),
  }
  return {made, options, said, steps, context, record: join(folder, 'record')}
}

describe('runBuildpacks', () => {
  test('runs each in order; the release of the last one counts', async ({folder}) => {
    const {made, options, said, steps} = await make(folder, {
      one: {compile: `echo one >>${folder}/order`, release: 'echo "default_process_types: {web: from one, only: one}"'},
      two: {detect: 'echo Two', compile: `echo two >>${folder}/order`, release: 'echo "default_process_types: {web: from two}"'},
    })
    const outcome = await runBuildpacks(made, options)
    expect(readFileSync(join(folder, 'order'), 'utf8')).toBe('one\ntwo\n')
    expect([outcome.language, [...outcome.release.defaultProcessTypes]]).toEqual(['Two', [['web', 'from two']]])
    expect(said).toEqual(['-----> one app detected', '-----> Two app detected'])
    expect(steps).toEqual(['compile one started one', 'compile one done one', 'compile two started Two', 'compile two done Two'])
  })

  test('lets the next one’s detect see what an earlier one made', async ({folder}) => {
    const {made, options} = await make(folder, {one: {compile: 'touch "$1/made"'}, two: {detect: 'test -e "$1/made" && echo Two'}})
    expect((await runBuildpacks(made, options)).language).toBe('Two')
  })

  test('sources the exports of all before it, not its own', async ({folder}) => {
    const {made, options, record} = await make(folder, {
      one: {compile: 'echo "export A=1" >export'},
      two: {compile: 'echo "export B=2" >export'},
      three: {},
    })
    await runBuildpacks(made, options)
    const env = (name: string, script: string) => parseEnv(readFileSync(join(record, `${name}.${script}.env`), 'utf8'))
    expect([env('one', 'compile')['A'], env('two', 'compile')['A'], env('two', 'compile')['B']]).toEqual([undefined, '1', undefined])
    expect(env('three', 'compile')).toMatchObject({A: '1', B: '2'})
  })

  test('is over when one does not fit', async ({folder}) => {
    const {made, options, said} = await make(folder, {one: {}, two: {detect: 'exit 1'}})
    await expect(runBuildpacks(made, options)).rejects.toMatchObject({code: 'NO_BUILDPACK', exitCode: 4})
    expect(said.slice(1)).toEqual(['-----> App not compatible with buildpack: two', '', ' !     Push failed'])
  })

  test('is over when one fails, and says so in the platform’s words', async ({folder}) => {
    const {made, options, said, steps, record} = await make(folder, {one: {detect: 'echo Node.js', compile: 'exit 1'}, two: {}})
    await expect(runBuildpacks(made, options)).rejects.toMatchObject({code: 'BUILD_FAILED'})
    expect(said).toEqual(['-----> Node.js app detected', ' !     Push rejected, failed to compile Node.js app.', '', ' !     Push failed'])
    expect(steps.at(-1)).toBe('compile one failed Node.js')
    expect(readdirSync(record).some(name => name.startsWith('two.'))).toBe(false)
  })

  test('tells what bin/report said with the step', async ({folder}) => {
    const {made, options, steps} = await make(folder, {one: {report: 'echo "version: 1"'}})
    await runBuildpacks(made, options)
    expect(steps.at(-1)).toBe('compile one done version: 1')
  })
})

describe('detectShipped', () => {
  const no = {detect: 'exit 1'}

  test('the first that fits is used, and later ones are not asked in vain', async ({folder}) => {
    const {context, options, said, record} = await make(folder, {nodejs: no, python: {}, procfile: {}})
    const found = await detectShipped(['nodejs', 'python', 'procfile'], join(folder, 'packs'), {context, say: options.say})
    expect(found).toEqual({name: 'python', language: 'python'})
    expect(said).toEqual([])
    expect(existsSync(join(record, 'procfile.detect.args'))).toBe(false)
  })

  test('two languages that fit are worth the platform’s warning', async ({folder}) => {
    const {context, options, said} = await make(folder, {nodejs: {detect: 'echo Node.js'}, python: {detect: 'echo Python'}})
    const found = await detectShipped(['nodejs', 'python'], join(folder, 'packs'), {context, say: options.say})
    expect(found?.name).toBe('nodejs')
    expect(said).toEqual([
      '-----> Warning: Multiple default buildpacks reported the ability to handle this app. The first buildpack in the list below will be used.',
      '       Detected buildpacks: Node.js,Python',
    ])
  })

  test('none', async ({folder}) => {
    const {context, options} = await make(folder, {nodejs: no})
    expect(await detectShipped(['nodejs'], join(folder, 'packs'), {context, say: options.say})).toBeUndefined()
  })
})
