import {Flags} from '@oclif/core'
import {trustCertificates} from '../../../platform/trust-certificates.ts'
import {BaseCommand} from '../../base-command.ts'
import {renderTrust} from '../../render/certs.ts'

export class CertsTrust extends BaseCommand {
  static override summary = 'Make browsers and tools trust the certificates of --tls.'
  static override description =
    'Puts the local certificate authority into the stores of the system, Firefox and Chromium where this user may, and prints the ' +
    'command where not. The authority is made on first use, and good only for localhost, .localhost, .test, loopback addresses and ' +
    'the --domain names of its creation.'
  static override examples = ['<%= config.bin %> certs:trust', '<%= config.bin %> certs:trust --domain www.example.org']
  static override flags = {
    domain: Flags.string({
      summary: 'A further name that a new authority is to be good for; repeatable.',
      helpValue: 'HOST',
      multiple: true,
    }),
  }

  async run(): Promise<unknown> {
    const {flags} = await this.parse(CertsTrust)
    const report = await trustCertificates({settings: this.settings, domains: flags.domain ?? []})
    if (!flags.json) this.log(renderTrust(report))
    return report
  }
}
