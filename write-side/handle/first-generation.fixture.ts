import { ChangeStatus, OpenAccount } from '@micropay/schemas/api/account'
import { MakePayment } from '@micropay/schemas/api/payment'
import { AccountId, OwnerId } from '@micropay/schemas/identifiers'
import type { LedgerCommand } from '../decide/decide.ts'
import type { CommandRequest } from './command.ts'
import { opening, requestFor } from './owner.fixture.ts'

const customer = { actor: { subject: 'customer:ada', client: 'a bank' }, mayBook: false }
const posting = (from: string, to: string, amount: string, currency = 'EUR') => ({ from, to, amount, currency })

const commands: readonly (readonly [LedgerCommand, Partial<CommandRequest>?])[] = [
  [open('cash', { type: 'external', currency: 'EUR', owner: 'house', name: 'The safe', path: 'assets/safe' })],
  [open('usd', { type: 'customer', currency: 'USD', owner: 'customer:ada' })],
  [pay({ postings: [posting('cash', 'ada', '100000')] })],
  [pay({ postings: [posting('ada', 'ben', '1050')] }), customer],
  [
    pay({
      postings: [posting('ada', 'ben', '5'), posting('ada', 'cash', '7')],
      effectiveAt: '2026-02-28T23:59:59+01:00',
      ...{ description: 'lunch, and "more"', reference: 'R-1', metadata: { purpose: 'food', a: '' } },
    }),
    customer,
  ],
  // Its first payer is not the one that sorts first.
  [pay({ postings: [posting('ben', 'cash', '5'), posting('ada', 'cash', '6')], reference: 'both' })],
  [pay({ postings: [posting('ada', 'ben', '1'), posting('ada', 'ben', '99999999')], reference: 'too much' }), customer],
  [pay({ postings: [posting('ben', 'ada', '1')] }), customer],
  [pay({ postings: [posting('ada', 'nobody', '1')], metadata: { a: 'b' } }), customer],
  [pay({ postings: [posting('ada', 'ben', '1'), posting('ada', 'usd', '1')] }), customer],
  [{ type: 'FreezeAccount', data: change('ben', 'a court says so') }],
  [pay({ postings: [posting('ada', 'ben', '1')] }), customer],
  [{ type: 'UnfreezeAccount', data: change('ben') }],
  [{ type: 'CloseAccount', data: change('ben') }],
  [{ type: 'CloseAccount', data: change('usd', 'unused') }],
  [
    {
      type: 'SavePayee',
      data: { owner: OwnerId.parse('customer:ada'), alias: 'Ben', accountId: AccountId.parse('ben') },
    },
  ],
  [{ type: 'RemovePayee', data: { owner: OwnerId.parse('customer:ada'), alias: 'Ben' } }],
]

/** What a worker of the first generation wrote, one command of each kind and more, but statements. */
export const asked: readonly CommandRequest[] = [
  opening('ada', 'k-ada', '500'),
  opening('ben', 'k-ben'),
  ...commands.map(([command, more], index) => requestFor(command, `k-${index}`, more)),
]

function open(accountId: string, fields: object): LedgerCommand {
  return { type: 'OpenAccount', data: { ...OpenAccount.parse(fields), accountId: AccountId.parse(accountId) } }
}

function change(accountId: string, reason?: string) {
  const said = reason === undefined ? {} : { reason }
  return { ...ChangeStatus.parse(said), accountId: AccountId.parse(accountId) }
}

function pay(payment: object): LedgerCommand {
  return { type: 'MakePayment', data: MakePayment.parse(payment) }
}
