import {expect, test} from 'vitest'
import {commands} from '../../src/cli/commands.ts'
import {HomeportHelp} from '../../src/cli/help.ts'
import {loadConfig} from '../../src/cli/oclif-config.ts'
import {renderVersion} from '../../src/cli/version.ts'

class HelpOnPaper extends HomeportHelp {
  #lines: string[] = []

  protected override log(...lines: string[]): void {
    this.#lines.push(...lines)
  }

  async of(subject: readonly string[]): Promise<string> {
    await this.showHelp([...subject])
    return `${this.#lines.join('\n').replaceAll(renderVersion(), 'homeport/VERSION').trim()}\n`
  }
}

const topics = [...new Set(Object.keys(commands).flatMap(id => (id.includes(':') ? [id.replace(/:[^:]*$/, '')] : [])))]
const subjects = [[], ...[...new Set([...Object.keys(commands), ...topics])].map(name => [name])]

/** Read them when they change: they are what a newcomer reads. `vitest run -u` writes them anew. */
test.for(subjects)('help %j', async subject => {
  const help = new HelpOnPaper(await loadConfig(), {maxWidth: 100, stripAnsi: true})
  const name = subject[0]?.replaceAll(':', '-') ?? 'homeport'
  await expect(await help.of(subject)).toMatchFileSnapshot(`help/${name}.txt`)
})

test('no line of help is wider than the terminal', async () => {
  for (const subject of subjects) {
    const help = new HelpOnPaper(await loadConfig(), {maxWidth: 80, stripAnsi: true})
    for (const line of (await help.of(subject)).split('\n')) expect([subject, line, [...line].length <= 80]).toEqual([subject, line, true])
  }
})
