// Builds FOLDER/app with the buildpack FOLDER/one, guarded by a session, until it is done or killed: build-child.ts FOLDER REAPER…
import {join} from 'node:path'
import {openPlainRoom} from '../../src/engines/buildpack/build-room.ts'
import {openSession} from '../../src/engines/dyno/session.ts'
import {openProcessTable} from '../../src/lib/process-table/process-table.ts'
import {build} from '../../src/platform/build.ts'
import {guardBuildRoom} from '../../src/platform/guard-build-room.ts'
import {buildOptions} from './build-app.ts'

const [folder = '', ...reaper] = process.argv.slice(2)
const searchPath = process.env['PATH'] ?? ''
const session = await openSession({runtimeDir: folder, reaper, searchPath, dynos: 0, table: openProcessTable()})
const {options} = buildOptions(folder, {
  wishes: {buildpacks: ['./one']},
  openRoom: async ({dir}) => guardBuildRoom(await openPlainRoom(dir), {session, dir}),
})
await build(join(folder, 'app'), options)
await session.close()
