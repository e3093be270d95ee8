import {execFileSync} from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import {join} from 'node:path'
import {afterEach, expect} from 'vitest'
import {listSource} from '../../../src/engines/slug/list-source.ts'
import {copySource} from '../../../src/engines/slug/source.ts'
import {textOf} from '../../../src/lib/file-name.ts'
import {readTree, writeTree} from '../../support/file-tree.ts'
import {test as base} from '../../support/temp-folder.ts'

/** Git without the settings of whoever runs the tests. */
const gitEnv = {PATH: process.env['PATH'], HOME: '/nonexistent', GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1'}
const env = gitEnv

function git(folder: string, ...args: string[]): string {
  const identity = [
    '-c',
    'user.name=t',
    '-c',
    'user.email=t@localhost',
    '-c',
    'protocol.file.allow=always',
    '-c',
    'init.defaultBranch=main',
  ]
  return execFileSync('git', [...identity, ...args], {cwd: folder, env: gitEnv, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe']}).trim()
}

/** A test with a git repository, `repo`, that has one commit of a few files. */
const test = base.extend('repo', ({folder}) => {
  const repo = writeTree(join(folder, 'repo'), {
    Procfile: 'web: x\n',
    'src/a.js': 'a',
    'run.sh*': '#!/bin/sh\n',
    '.gitignore': 'node_modules\n*.log\n',
  })
  git(repo, 'init', '-q')
  git(repo, 'add', '-A')
  git(repo, 'commit', '-qm', 'first')
  return repo
})

const committed = {Procfile: 'web: x\n', 'src/a.js': 'a', 'run.sh*': '#!/bin/sh\n', '.gitignore': 'node_modules\n*.log\n'}

async function copied(root: string, folder: string, options: {commit?: string; exclude?: readonly string[]} = {}) {
  const to = join(folder, `copy-${readdirSync(folder).length}`)
  const source = await copySource(root, {to, env, ...options})
  const tree = readTree(to)
  expect(source.files.map(textOf)).toEqual(
    Object.keys(tree)
      .map(path => path.replace(/\*$/, ''))
      .sort(),
  )
  return {...source, tree}
}

test('in a work tree: what git has and what it does not ignore, as it is now', async ({repo, folder}) => {
  writeTree(repo, {'src/a.js': 'changed', 'src/new.js': 'new', 'debug.log': 'x', 'node_modules/x/index.js': 'x', 'empty/deep': '/'})
  rmSync(join(repo, 'Procfile'))
  const {tree, warnings, commit} = await copied(repo, folder)
  expect(tree).toEqual({'src/a.js': 'changed', 'src/new.js': 'new', 'run.sh*': '#!/bin/sh\n', '.gitignore': committed['.gitignore']})
  expect(warnings).toEqual([])
  expect(commit).toBe(git(repo, 'rev-parse', 'HEAD'))
})

test('elsewhere: all files, and links as they are', async ({folder}) => {
  const app = writeTree(join(folder, 'app'), {
    a: 'a',
    'b/c*': 'c',
    link: '-> b',
    dangling: '-> nowhere',
    'debug.log': 'x',
    empty: '/',
    '.hidden': 'h',
  })
  const {tree, commit} = await copied(app, folder)
  expect(tree).toEqual({a: 'a', 'b/c*': 'c', link: '-> b', dangling: '-> nowhere', 'debug.log': 'x', '.hidden': 'h'})
  expect(commit).toBeUndefined()
})

test('what holds secrets or belongs to the machine never goes into a slug', async ({folder}) => {
  const app = writeTree(join(folder, 'app'), {
    '.env': 'A=1',
    '.env.local': 'A=1',
    '.env.example': 'A=',
    'x/.env.sample': 'A=',
    '.env.template': 'A=',
    'x/.env.production': 'A=1',
    '.env.d/a': 'x',
    '.envrc': 'kept',
    '.DS_Store': 'x',
    'x/.DS_Store': 'x',
    '.homeport.env': 'PORT=1',
    '.git/config': '[x',
    'x/.git': 'gitdir: y',
    'x/a': 'a',
  })
  rmSync(join(app, '.git'), {recursive: true})
  const {tree} = await copied(app, folder)
  expect(tree).toEqual({'.env.example': 'A=', 'x/.env.sample': 'A=', '.env.template': 'A=', '.envrc': 'kept', 'x/a': 'a'})
})

test('an env file that git tracks is kept, with a warning that names it', async ({repo, folder}) => {
  writeTree(repo, {'.env': 'A=1', 'x/.env.test': 'B=1', '.homeport.env': 'PORT=1'})
  git(repo, 'add', '-f', '.env', 'x/.env.test', '.homeport.env')
  writeTree(repo, {'.env.local': 'C=1'})
  const {tree, warnings} = await copied(repo, folder)
  expect(Object.keys(tree).filter(path => path.includes('env'))).toEqual(['.env', 'x/.env.test'])
  expect(warnings).toEqual([
    '.env is tracked by git, so it becomes part of the slug with all that it says.',
    'x/.env.test is tracked by git, so it becomes part of the slug with all that it says.',
  ])
})

test('.slugignore takes files away, and its mistakes are told', async ({repo, folder}) => {
  writeTree(repo, {'.slugignore': '*.psd\ndocs/\n!keep\n', 'a.psd': 'x', 'docs/a': 'x', 'src/b.psd': 'x', '.env': 'A=1'})
  git(repo, 'add', '-f', '.env')
  writeTree(repo, {'.slugignore': '*.psd\n/docs\n!keep\n.env\n'})
  const {tree, ignoredFiles, warnings} = await copied(repo, folder)
  expect(tree).toEqual({...committed, '.slugignore': '*.psd\n/docs\n!keep\n.env\n'})
  expect(ignoredFiles).toBe(4)
  expect(warnings).toEqual([expect.stringMatching(/^\.slugignore:3:1: /)])
})

test('submodules are part of the source, those in submodules too', async ({folder}) => {
  const make = (name: string, file: string) => {
    const path = writeTree(join(folder, name), {[file]: file})
    git(path, 'init', '-q')
    git(path, 'add', '-A')
    git(path, 'commit', '-qm', 'x')
    return path
  }
  const inner = make('inner', 'inner.txt')
  const middle = make('middle', 'middle.txt')
  git(middle, 'submodule', 'add', '-q', inner, 'deep')
  git(middle, 'commit', '-qm', 'sub')
  const top = make('top', 'top.txt')
  git(top, 'submodule', 'add', '-q', middle, 'vendor/mid')
  git(top, 'commit', '-qm', 'sub')
  git(top, 'submodule', 'update', '-q', '--init', '--recursive')
  writeTree(join(top, 'vendor/mid'), {'new.txt': 'new', '.env': 'A=1'})
  const files = [
    '.gitmodules',
    'top.txt',
    'vendor/mid/.gitmodules',
    'vendor/mid/deep/inner.txt',
    'vendor/mid/middle.txt',
    'vendor/mid/new.txt',
  ]
  const {tree, warnings} = await copied(top, folder)
  expect([Object.keys(tree), warnings]).toEqual([files, []])
  const ofCommit = await copied(top, folder, {commit: 'HEAD'})
  expect([Object.keys(ofCommit.tree), ofCommit.warnings]).toEqual([files.filter(path => !path.endsWith('new.txt')), []])
})

test('a submodule that is not checked out is named', async ({repo, folder}) => {
  const other = writeTree(join(folder, 'other'), {a: 'a'})
  git(other, 'init', '-q')
  git(other, 'add', '-A')
  git(other, 'commit', '-qm', 'x')
  git(repo, 'submodule', 'add', '-q', other, 'sub')
  git(repo, 'commit', '-qm', 'sub')
  git(repo, 'submodule', 'deinit', '-q', '-f', 'sub')
  const {tree, warnings} = await copied(repo, folder)
  expect(Object.keys(tree)).not.toContain('sub/a')
  expect(warnings).toEqual(['The submodule sub is not checked out, so it is left out: git submodule update --init'])
})

test('a repository within the repository is left out, and named', async ({repo, folder}) => {
  const nested = writeTree(join(repo, 'nested'), {a: 'a'})
  git(nested, 'init', '-q')
  git(nested, 'add', '-A')
  git(nested, 'commit', '-qm', 'x')
  const {tree, warnings} = await copied(repo, folder)
  expect(tree).toEqual(committed)
  expect(warnings).toEqual(['nested/ is a git repository of its own and no submodule, so it is left out.'])
})

test('an app in a folder of a repository is that folder', async ({repo, folder}) => {
  writeTree(repo, {'apps/web/index.js': 'x', 'apps/web/x.log': 'x', 'apps/api/index.js': 'x'})
  const app = join(repo, 'apps/web')
  expect((await copied(app, folder)).tree).toEqual({'index.js': 'x'})
  git(repo, 'add', '-A')
  git(repo, 'commit', '-qm', 'apps')
  expect((await copied(app, folder, {commit: 'HEAD'})).tree).toEqual({'index.js': 'x'})
})

test('a folder that its repository ignores is an app of its own', async ({repo, folder}) => {
  writeTree(repo, {'node_modules/app/index.js': 'x', 'node_modules/app/.env': 'A=1'})
  const {tree, warnings} = await copied(join(repo, 'node_modules/app'), folder)
  expect(tree).toEqual({'index.js': 'x'})
  expect(warnings).toEqual(['The git repository around this folder ignores it, so all its files are taken.'])
})

test('--commit takes the commit, whatever lies in the folder', async ({repo, folder}) => {
  writeTree(repo, {'src/a.js': 'changed', 'new.js': 'x'})
  const {tree, commit} = await copied(repo, folder, {commit: 'HEAD'})
  expect(tree).toEqual(committed)
  expect(commit).toBe(git(repo, 'rev-parse', 'HEAD'))
  expect(git(repo, 'status', '--porcelain')).toBe('M src/a.js\n?? new.js')
})

test('--commit of a clean tree gives the same files as the tree', async ({repo, folder}) => {
  writeTree(repo, {
    '.gitattributes': '*.txt text eol=crlf\nexported export-ignore\nsubst export-subst\n',
    'a.txt': 'one\r\ntwo\r\n',
    exported: 'x',
    subst: '$Format:%H$',
    '.env': 'A=1',
    '.slugignore': 'docs\n',
    'docs/a': 'x',
    link: '-> src/a.js',
    'x/.DS_Store': 'x',
  })
  git(repo, 'add', '-A', '-f')
  git(repo, 'commit', '-qm', 'second')
  const [now, ofCommit] = [await copied(repo, folder), await copied(repo, folder, {commit: 'main'})]
  expect(ofCommit.tree).toEqual(now.tree)
  expect(ofCommit.tree['a.txt']).toBe('one\r\ntwo\r\n')
  expect([ofCommit.warnings, ofCommit.ignoredFiles]).toEqual([now.warnings, now.ignoredFiles])
  expect(existsSync(join(folder, 'copy-3/x'))).toBe(false)
})

test.for(['-x', '--upload-pack=touch x', '', 'nowhere', 'HEAD~99', 'HEAD:src'])('%j is no commit', async (revision, {repo, folder}) => {
  await expect(copySource(repo, {to: join(folder, 'to'), env, commit: revision})).rejects.toMatchObject({code: 'FLAG_INVALID', exitCode: 2})
  expect(existsSync(join(folder, 'to'))).toBe(false)
})

test('outside of git there are no commits', async ({folder}) => {
  const app = writeTree(join(folder, 'app'), {a: 'a'})
  await expect(copySource(app, {to: join(folder, 'to'), env, commit: 'HEAD'})).rejects.toMatchObject({code: 'FLAG_INVALID'})
})

test('odd names come through', async ({repo, folder}) => {
  const names = ['-rf', 'a b', 'new\nline', '"quoted"', 'ünïcode', ':(glob)x', 'back\\slash', ' ']
  writeTree(repo, Object.fromEntries(names.map(name => [name, name])))
  const {tree} = await copied(repo, folder)
  expect(Object.keys(tree)).toEqual(expect.arrayContaining(names))
  git(repo, 'add', '-A')
  git(repo, 'commit', '-qm', 'odd')
  expect((await copied(repo, folder, {commit: 'HEAD'})).tree).toEqual(tree)
})

test.runIf(process.platform === 'linux')('names that are no UTF-8 come through', async ({repo, folder}) => {
  const bytes = (place: string) => Buffer.from(`${folder}/${place}/\xff\xfe`, 'latin1')
  writeFileSync(bytes('repo'), 'bytes')
  await copySource(repo, {to: join(folder, 'now'), env})
  git(repo, 'add', '-A')
  git(repo, 'commit', '-qm', 'bytes')
  await copySource(repo, {to: join(folder, 'commit'), env, commit: 'HEAD'})
  expect([readFileSync(bytes('now'), 'utf8'), readFileSync(bytes('commit'), 'utf8')]).toEqual(['bytes', 'bytes'])
})

test('a tracked file that lies behind a link by now is not there', async ({repo, folder}) => {
  writeTree(join(folder, 'secret'), {'a.js': 'secret'})
  renameSync(join(repo, 'src'), join(repo, 'old'))
  symlinkSync(join(folder, 'secret'), join(repo, 'src'))
  const {tree} = await copied(repo, folder)
  expect(Object.values(tree)).not.toContain('secret')
  expect(tree['src']).toBe(`-> ${folder}/secret`)
})

test('settings of a repository start no programs', async ({repo, folder}) => {
  const mark = join(folder, 'ran')
  const program = join(folder, 'program')
  writeFileSync(program, `#!/bin/sh\ntouch ${mark}\n`, {mode: 0o755})
  mkdirSync(join(repo, '.git/hooks'), {recursive: true})
  for (const hook of ['post-index-change', 'post-checkout', 'reference-transaction'])
    writeFileSync(join(repo, '.git/hooks', hook), `#!/bin/sh\ntouch ${mark}\n`, {mode: 0o755})
  git(repo, 'config', 'core.fsmonitor', program)
  git(repo, 'config', 'core.pager', program)
  git(repo, 'config', 'core.askPass', program)
  await copied(repo, folder)
  await copied(repo, folder, {commit: 'HEAD'})
  expect(existsSync(mark)).toBe(false)
})

test('variables that point git elsewhere do not reach it', async ({repo, folder}) => {
  const other = writeTree(join(folder, 'other'), {other: 'x'})
  git(other, 'init', '-q')
  const to = join(folder, 'to')
  await copySource(repo, {to, env: {...env, GIT_DIR: join(other, '.git'), GIT_WORK_TREE: other, GIT_INDEX_FILE: '/nonexistent'}})
  expect(readTree(to)).toEqual(committed)
})

test.runIf(process.getuid?.() === 0)("root builds a user's folder, and runs nothing of that user's", async ({repo, folder}) => {
  const mark = join(folder, 'ran')
  const program = join(folder, 'program')
  writeFileSync(program, `#!/bin/sh\ntouch ${mark}\ncat\n`, {mode: 0o755})
  writeTree(repo, {'.gitattributes': '* filter=evil\n'})
  git(repo, 'add', '-A')
  git(repo, 'commit', '-qm', 'attributes')
  for (const key of ['smudge', 'clean', 'process']) git(repo, 'config', `filter.evil.${key}`, program)
  git(repo, 'config', 'filter.evil.required', 'true')
  execFileSync('chown', ['-R', '12345:12345', repo])
  expect((await copied(repo, folder)).tree).toMatchObject(committed)
  expect((await copied(repo, folder, {commit: 'HEAD'})).tree).toMatchObject(committed)
  expect(existsSync(mark)).toBe(false)
})

test('a file that cannot be read is named with what to do', async ({folder}) => {
  const app = writeTree(join(folder, 'app'), {'src/a': 'a'})
  chmodSync(join(app, 'src/a'), 0)
  const copying = () => copySource(app, {to: join(folder, 'to'), env})
  if (process.geteuid?.() === 0) chownSync(folder, 65_534, 65_534)
  await asUser(async () => {
    await expect(copying()).rejects.toMatchObject({code: 'FILE_UNREADABLE', exitCode: 3, message: 'src/a cannot be read.'})
  })
})

async function asUser(action: () => Promise<void>): Promise<void> {
  if (process.geteuid?.() !== 0) return await action()
  process.seteuid?.(65_534)
  try {
    await action()
  } finally {
    process.seteuid?.(0)
  }
}

test('folders of Homeport itself are no source', async ({folder}) => {
  const app = writeTree(join(folder, 'app'), {a: 'a', 'home/state/x': 'x', 'home/cache/y': 'y', 'homework/z': 'z'})
  const {tree} = await copied(app, folder, {exclude: [join(app, 'home/state'), join(app, 'home/cache')]})
  expect(tree).toEqual({a: 'a', 'homework/z': 'z'})
})

test('sockets and pipes are left out with a warning', async ({folder}) => {
  const app = writeTree(join(folder, 'app'), {a: 'a'})
  execFileSync('mkfifo', [join(app, 'pipe')])
  const to = join(folder, 'to')
  const {warnings, files} = await copySource(app, {to, env})
  expect([files, warnings]).toEqual([['a'], ['pipe is left out: neither file nor link.']])
})

const umask = process.umask()
afterEach(() => process.umask(umask))

test('modes are 0755 or 0644 by the run bit, whatever they were', async ({folder}) => {
  process.umask(0o077)
  const app = writeTree(join(folder, 'app'), {a: 'a', 'b*': 'b', 'large*': 'x'.repeat(300_000)})
  chmodSync(join(app, 'a'), 0o600)
  await copySource(app, {to: join(folder, 'to'), env})
  const mode = (name: string) => (statSync(join(folder, 'to', name)).mode & 0o777).toString(8)
  expect([mode('a'), mode('b'), mode('large')]).toEqual(['644', '755', '755'])
})

test('a folder whose .git is broken is taken as a folder', async ({folder}) => {
  const app = writeTree(join(folder, 'app'), {a: 'a', '.git': 'gitdir: /nowhere\n'})
  expect((await listSource(app, {env})).files).toEqual(['a'])
})

test('without git a repository cannot be read, and other folders can', async ({repo, folder}) => {
  const app = writeTree(join(folder, 'app'), {a: 'a'})
  const noGit = {...env, PATH: join(folder, 'nowhere')}
  expect((await listSource(app, {env: noGit})).files).toEqual(['a'])
  await expect(listSource(repo, {env: noGit})).rejects.toMatchObject({code: 'TOOL_MISSING', exitCode: 5})
})
