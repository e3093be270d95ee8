import {untrustCertificates} from '../../../platform/trust-certificates.ts'
import {BaseCommand} from '../../base-command.ts'
import {renderUntrust} from '../../render/certs.ts'

export class CertsUntrust extends BaseCommand {
  static override summary = 'Take the local certificate authority out of all stores, and its key away.'
  static override description = 'The next --tls makes a new authority, with the --domain names of that time.'
  static override examples = ['<%= config.bin %> certs:untrust']

  async run(): Promise<unknown> {
    const {flags} = await this.parse(CertsUntrust)
    const report = await untrustCertificates({settings: this.settings})
    if (!flags.json) this.log(renderUntrust(report))
    return report
  }
}
