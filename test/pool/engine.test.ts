import {loadSlug, swarmRig} from '../support/rig/swarm-rig.ts'
import {describeEngine} from './engine-conformance.ts'

describeEngine('Swarm', async () => {
  const {rig, engine, stack} = await swarmRig()
  return {rig, engine, loadSlug: slug => loadSlug(rig, stack, slug)}
})
