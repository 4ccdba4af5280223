import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { PaymentFilter } from '../../data/payments/list-payments.ts'
import { PrefilledSearch } from '../../data/payments/prefilled-search.ts'
import { listSearch } from '../../data/search/page-search.ts'
import { inOrder } from '../../data/search/ranges.ts'
import { accountReaders, bookers, refunders } from './readers.ts'
import { rootRoute } from './root.ts'

const payments = createRoute({
  getParentRoute: () => rootRoute,
  path: '/payments',
  validateSearch: inOrder(listSearch(PaymentFilter)),
  staticData: {
    title: 'Payments',
    readers: accountReaders,
    menu: { name: 'Payments', icon: 'list', hasZone: true },
  },
  component: lazyRouteComponent(() => import('../../features/follow-payments/payments-page.tsx'), 'PaymentsPage'),
})

const payment = createRoute({
  getParentRoute: () => rootRoute,
  path: '/payments/$paymentId',
  staticData: { title: 'Payment $paymentId', readers: accountReaders },
  component: lazyRouteComponent(() => import('../../features/follow-payments/payment-page.tsx'), 'PaymentPage'),
})

const receipt = createRoute({
  getParentRoute: () => rootRoute,
  path: '/payments/$paymentId/receipt',
  staticData: { title: 'Receipt $paymentId', readers: accountReaders },
  component: lazyRouteComponent(() => import('../../features/print-receipt/receipt-page.tsx'), 'ReceiptPage'),
})

const refund = createRoute({
  getParentRoute: () => rootRoute,
  path: '/payments/$paymentId/refund',
  staticData: { title: 'Refund $paymentId', readers: refunders },
  component: lazyRouteComponent(() => import('../../features/move-money/refund/refund-page.tsx'), 'RefundPage'),
})

const deposit = createRoute({
  getParentRoute: () => rootRoute,
  path: '/deposit',
  validateSearch: PrefilledSearch,
  staticData: { title: 'Deposit', readers: bookers, menu: { name: 'Deposit', icon: 'deposit' } },
  component: lazyRouteComponent(() => import('../../features/move-money/book-cash/deposit-page.tsx'), 'DepositPage'),
})

const withdraw = createRoute({
  getParentRoute: () => rootRoute,
  path: '/withdraw',
  validateSearch: PrefilledSearch,
  staticData: { title: 'Withdraw', readers: bookers, menu: { name: 'Withdraw', icon: 'withdraw' } },
  component: lazyRouteComponent(() => import('../../features/move-money/book-cash/withdraw-page.tsx'), 'WithdrawPage'),
})

const journal = createRoute({
  getParentRoute: () => rootRoute,
  path: '/journal',
  staticData: { title: 'Journal entry', readers: bookers, menu: { name: 'Journal', icon: 'journal' } },
  component: lazyRouteComponent(() => import('../../features/move-money/journal/journal-page.tsx'), 'JournalPage'),
})

export const paymentRoutes = [payments, payment, receipt, refund, deposit, withdraw, journal] as const
