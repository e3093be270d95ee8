import {exitCodes} from '../../model/error.ts'
import {type DoctorReport, doctor} from '../../platform/doctor.ts'
import {BaseCommand} from '../base-command.ts'
import {renderDoctor} from '../render/doctor.ts'

export class Doctor extends BaseCommand {
  static override summary = 'Tell what works on this machine, what is enforced, and what mends the rest.'
  static override examples = [
    {description: 'Everything, one line each:', command: '<%= config.bin %> doctor'},
    {description: 'How strongly the dynos of a slug are kept apart here:', command: '<%= config.bin %> doctor --json | jq .isolation'},
  ]

  async run(): Promise<DoctorReport> {
    const {flags} = await this.parse(Doctor)
    const report = await doctor({root: flags.root, settings: this.settings, nodeVersion: process.versions.node})
    this.log(renderDoctor(report, this.paint))
    if (!report.ok) this.exitCode = exitCodes.MACHINE
    return report
  }
}
