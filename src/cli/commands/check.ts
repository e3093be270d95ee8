import {Flags} from '@oclif/core'
import {exitCodes} from '../../model/error.ts'
import {checkFiles} from '../../platform/check-files.ts'
import {BaseCommand} from '../base-command.ts'
import {renderReport, reportDocument} from '../render/problems.ts'
import {writeNow} from '../write.ts'

export class Check extends BaseCommand {
  static override summary = 'Find mistakes in Procfile, .env files, app.json and .slugignore before they run.'
  static override description =
    'Reads the files of the folder, or the files named, and says what is wrong, with line and column, and what to write. Errors fail ' +
    '(exit 3), warnings do with --strict, notes never. Values of config vars are never shown.'
  static override usage = 'check [FILE…] [FLAGS]'
  static override examples = [
    {description: 'All files of the folder:', command: '<%= config.bin %> check'},
    {
      description: 'Two files, one under an unusual name:',
      command: '<%= config.bin %> check Procfile.dev deploy/procfile.txt --as procfile',
    },
    {description: 'Mend what has one sure repair:', command: '<%= config.bin %> check --fix'},
  ]
  static override strict = false
  static override flags = {
    as: Flags.option({summary: 'What the named files are, whatever their names.', options: ['procfile', 'env', 'app-json'] as const})(),
    fix: Flags.boolean({summary: 'Mend what has one sure repair (byte order mark, CRLF, missing blank), and say so.'}),
    strict: Flags.boolean({summary: 'Warnings fail too.'}),
    expand: Flags.boolean({summary: 'Expand $NAME in .env files: an undefined name is an error.'}),
  }

  async run(): Promise<unknown> {
    const {flags, argv} = await this.parse(Check)
    const {root, as, fix, strict, expand} = flags
    const {shellEnv} = this.settings
    const report = checkFiles(root, {files: argv.map(String), fix, strict, expand, shellEnv, ...(as === undefined ? {} : {as})})
    if (!report.ok) this.exitCode = exitCodes.APP
    if (!flags.json) writeNow(1, renderReport(report, this.paint))
    return reportDocument(report)
  }
}
