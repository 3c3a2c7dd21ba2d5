import type { RouteRecordRaw } from 'vue-router';

/** Nothing of signing in stands inside the shell. */
export const routes: RouteRecordRaw[] = [];

export const bareRoutes: RouteRecordRaw[] = [
  {
    path: '/login',
    name: 'login',
    component: () => import('./LoginPage.vue'),
    meta: { public: true, guestOnly: true, title: 'sign-in.login.title' },
  },
  {
    path: '/mfa-verify',
    name: 'mfa-verify',
    component: () => import('./MfaPage.vue'),
    meta: { public: true, guestOnly: true, title: 'sign-in.mfa.title' },
  },
  {
    path: '/register',
    name: 'register',
    component: () => import('./RegisterPage.vue'),
    meta: { public: true, guestOnly: true, title: 'sign-in.register.title' },
  },
  {
    path: '/verify-email/pending',
    name: 'verify-email-pending',
    component: () => import('./VerifyPendingPage.vue'),
    meta: { public: true, guestOnly: true, title: 'sign-in.pending.title' },
  },
  {
    path: '/verify-email',
    name: 'verify-email',
    component: () => import('./VerifyEmailPage.vue'),
    meta: { public: true, title: 'sign-in.verify.title' },
  },
  {
    path: '/forgot-password',
    name: 'forgot-password',
    component: () => import('./ForgotPasswordPage.vue'),
    meta: { public: true, guestOnly: true, title: 'sign-in.forgot.title' },
  },
  {
    path: '/reset-password',
    name: 'reset-password',
    component: () => import('./ResetPasswordPage.vue'),
    meta: { public: true, title: 'sign-in.reset.title' },
  },
  {
    path: '/change-password',
    name: 'change-password',
    component: () => import('./ChangePasswordPage.vue'),
    meta: { title: 'sign-in.change.title' },
  },
];
