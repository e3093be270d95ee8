import {execFileSync, spawn} from 'node:child_process'
import {existsSync, readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {beforeAll, describe, expect} from 'vitest'
import {test} from '../support/started.ts'

const checkout = join(import.meta.dirname, '../..')
const isRoot = process.geteuid?.() === 0
const longMs = 600_000

/** The commands of the job in README that begins with `heading`, without those that prepare a machine. */
function jobCommands(heading: string): readonly string[] {
  const readme = readFileSync(join(checkout, 'README.md'), 'utf8')
  const [block = ''] = /(?<=```yaml\n)[\s\S]*?(?=```)/.exec(readme.slice(readme.indexOf(`\n${heading}:\n`))) ?? []
  const commands = [...block.matchAll(/^ +- (?:run: )?(?!uses:)(.+)$/gm)].map(([, command = '']) => command)
  return commands.filter(command => !command.startsWith('sudo '))
}

/** Without the right to make namespaces or to mount, as root of a container has it. */
const inContainer = isRoot ? ['setpriv', '--bounding-set=-sys_admin', '--inh-caps=-sys_admin'] : []

const appFiles = {
  Procfile: 'web: node web.js\n',
  'web.js': 'require("node:http").createServer((q, s) => s.end("hi")).listen(process.env.PORT)',
  '.buildpacks': 'procfile\n',
  '.gitignore': 'node_modules\nhomeport.tgz\n',
  'package.json': JSON.stringify({name: 'app', private: true, devDependencies: {homeport: 'file:homeport.tgz'}}),
}

describe('the jobs of README', () => {
  let archive: Buffer

  beforeAll(() => {
    const folder = execFileSync('mktemp', ['-d'], {encoding: 'utf8'}).trim()
    execFileSync('npm', ['pack', '--ignore-scripts=false', '--pack-destination', folder], {cwd: checkout, stdio: 'pipe'})
    const [name = ''] = readdirSync(folder)
    archive = readFileSync(join(folder, name))
    execFileSync('rm', ['-r', folder])
  }, longMs)

  test.for([
    ['GitHub Actions', {GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: 'summary.md'}],
    ['GitLab', {GITLAB_CI: 'true'}],
  ] as const)('%s: its commands pass in a container, without a terminal', {timeout: longMs}, async ([heading, variables], {homeports}) => {
    const commands = jobCommands(heading)
    expect(commands).toEqual(['npm ci', expect.stringMatching(/^node_modules\/\.bin\/homeport ci --url \/ /)])
    const root = homeports.app(appFiles, 'app')
    writeFileSync(join(root, 'homeport.tgz'), archive)
    execFileSync('git', ['init', '-q', root])
    const npm = {npm_config_prefer_offline: 'true', npm_config_audit: 'false', npm_config_fund: 'false'}
    execFileSync('npm', ['install', '--package-lock-only'], {cwd: root, env: {...process.env, ...npm}, stdio: 'pipe'})

    const env = {...process.env, ...npm, ...variables, CI: 'true', HOMEPORT_HOME: homeports.home}
    const [file = 'sh', ...args] = [...inContainer, 'setsid', '--wait', 'sh', '-ec', commands.join('\n')]
    const job = spawn(file, args, {cwd: root, env, stdio: ['ignore', 'pipe', 'pipe']})
    let output = ''
    for (const stream of [job.stdout, job.stderr]) stream.on('data', part => (output += part))
    const code = await new Promise(resolve => job.once('close', resolve))
    expect([code, output]).toEqual([0, expect.stringContaining('ci: passed all phases')])
    if (isRoot) expect(output).toContain('No sandbox works here, so the build runs as “own-uid”')
    expect(readFileSync(join(root, 'ci.xml'), 'utf8')).toContain('name="check GET / = 200"')
    expect(existsSync(join(root, 'summary.md'))).toBe(heading === 'GitHub Actions')
    expect(readdirSync(join(homeports.home, 'state/rooms'))).toEqual([])
  })
})
