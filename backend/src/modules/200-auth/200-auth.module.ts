import { Module } from '@nestjs/common';
import { APP_GUARD, APP_INTERCEPTOR } from '@nestjs/core';
import { DatabaseModule } from '../../shared/platform/database/database.module.js';
import { CoreModule } from '../100-core/100-core.module.js';
import { AccessTokens } from './application/access-tokens.js';
import { AccountMails } from './application/account-mails.js';
import { Accounts } from './application/accounts.js';
import { AttemptLimits } from './application/attempt-limits.js';
import { Authenticator } from './application/authenticator.js';
import { Avatars } from './application/avatars.js';
import { ChangeAvatar } from './application/commands/change-avatar.js';
import { ChangeDevice } from './application/commands/change-device.js';
import { ChangePassword } from './application/commands/change-password.js';
import { CreateInvite } from './application/commands/create-invite.js';
import { DisableMfa } from './application/commands/disable-mfa.js';
import { EnableMfa } from './application/commands/enable-mfa.js';
import { EndSessions } from './application/commands/end-sessions.js';
import { LogIn } from './application/commands/log-in.js';
import { LogOut } from './application/commands/log-out.js';
import { RefreshSession } from './application/commands/refresh-session.js';
import { RegenerateRecoveryCodes } from './application/commands/regenerate-recovery-codes.js';
import { Register } from './application/commands/register.js';
import { RequestPasswordReset } from './application/commands/request-password-reset.js';
import { ResendVerification } from './application/commands/resend-verification.js';
import { ResetPassword } from './application/commands/reset-password.js';
import { SetUpMfa } from './application/commands/set-up-mfa.js';
import { UpdateProfile } from './application/commands/update-profile.js';
import { VerifyEmail } from './application/commands/verify-email.js';
import { VerifyMfa } from './application/commands/verify-mfa.js';
import { WithdrawInvite } from './application/commands/withdraw-invite.js';
import { DeniedRequests } from './application/denied-requests.js';
import { Duties } from './application/duties.js';
import { FactorRemoval } from './application/factor-removal.js';
import { InvitationMails } from './application/invitation-mails.js';
import { Invitations } from './application/invitations.js';
import { KeyCallers } from './application/key-callers.js';
import { KnownDevices } from './application/known-devices.js';
import { LiveSessions } from './application/live-sessions.js';
import { LoginCompletion } from './application/login-completion.js';
import { MfaFactors } from './application/mfa-factors.js';
import { MfaReauthentication } from './application/mfa-reauthentication.js';
import { Newcomers } from './application/newcomers.js';
import { OneTimeTokens } from './application/one-time-tokens.js';
import { PasswordConfirmation } from './application/password-confirmation.js';
import { PasswordExpiry } from './application/password-expiry.js';
import { Profiles } from './application/profiles.js';
import { CurrentUser } from './application/queries/current-user.js';
import { InviteList } from './application/queries/invite-list.js';
import { OwnMfaStatus } from './application/queries/mfa-status.js';
import { OwnProfile } from './application/queries/own-profile.js';
import { OwnSessions } from './application/queries/own-sessions.js';
import { OwnVerification } from './application/queries/own-verification.js';
import { PasswordAdvice } from './application/queries/password-advice.js';
import { RegistrationPlaces } from './application/registration-places.js';
import { RequestPlace } from './application/request-place.js';
import { RequestWindows } from './application/request-windows.js';
import { ResetTokens } from './application/reset-tokens.js';
import { SecondFactor } from './application/second-factor.js';
import { SessionEndings } from './application/session-endings.js';
import { Sessions } from './application/sessions.js';
import { SignInJobs } from './application/sign-in-jobs.js';
import { TokenIssuer } from './application/token-issuer.js';
import { PostgresAccounts } from './infrastructure/postgres-accounts.js';
import { PostgresAvatars } from './infrastructure/postgres-avatars.js';
import { PostgresKnownDevices } from './infrastructure/postgres-known-devices.js';
import { PostgresMfaFactors } from './infrastructure/postgres-mfa-factors.js';
import { PostgresOneTimeTokens } from './infrastructure/postgres-one-time-tokens.js';
import { PostgresProfiles } from './infrastructure/postgres-profiles.js';
import { PostgresRegistrationPlaces } from './infrastructure/postgres-registration-places.js';
import { PostgresRequestWindows } from './infrastructure/postgres-request-windows.js';
import { PostgresSessions } from './infrastructure/postgres-sessions.js';
import { SessionSchema } from './infrastructure/session.schema.js';
import { AccessGuard } from './presentation/access.guard.js';
import { AuthCookies } from './presentation/auth-cookies.js';
import { AuthController } from './presentation/auth.controller.js';
import { AvatarsController } from './presentation/avatars.controller.js';
import { MfaController } from './presentation/mfa.controller.js';
import { PasswordController } from './presentation/password.controller.js';
import { FormParser } from './presentation/picture-upload.js';
import { ProfileController } from './presentation/profile.controller.js';
import { Refusals } from './presentation/refusals.js';
import { RegistrationController } from './presentation/registration.controller.js';
import { SessionsController } from './presentation/sessions.controller.js';
import { TokenAnswers } from './presentation/token-answers.js';

/** Who is calling: sessions, tokens, and the guard before every route. */
@Module({
  imports: [CoreModule, DatabaseModule.forEntities(SessionSchema)],
  controllers: [
    AuthController,
    AvatarsController,
    MfaController,
    PasswordController,
    ProfileController,
    RegistrationController,
    SessionsController,
  ],
  providers: [
    AccessTokens,
    AccountMails,
    AttemptLimits,
    AuthCookies,
    Authenticator,
    ChangeAvatar,
    ChangeDevice,
    ChangePassword,
    CreateInvite,
    CurrentUser,
    DeniedRequests,
    DisableMfa,
    Duties,
    EnableMfa,
    EndSessions,
    FactorRemoval,
    FormParser,
    InvitationMails,
    Invitations,
    InviteList,
    KeyCallers,
    LiveSessions,
    LogIn,
    LoginCompletion,
    LogOut,
    MfaReauthentication,
    Newcomers,
    OwnMfaStatus,
    OwnProfile,
    OwnSessions,
    OwnVerification,
    PasswordAdvice,
    PasswordConfirmation,
    PasswordExpiry,
    RefreshSession,
    Refusals,
    RegenerateRecoveryCodes,
    Register,
    RequestPasswordReset,
    RequestPlace,
    ResendVerification,
    ResetPassword,
    ResetTokens,
    SecondFactor,
    SessionEndings,
    SetUpMfa,
    SignInJobs,
    TokenAnswers,
    TokenIssuer,
    UpdateProfile,
    VerifyEmail,
    VerifyMfa,
    WithdrawInvite,
    { provide: Accounts, useClass: PostgresAccounts },
    { provide: Avatars, useClass: PostgresAvatars },
    { provide: KnownDevices, useClass: PostgresKnownDevices },
    { provide: MfaFactors, useClass: PostgresMfaFactors },
    { provide: OneTimeTokens, useClass: PostgresOneTimeTokens },
    { provide: Profiles, useClass: PostgresProfiles },
    { provide: RegistrationPlaces, useClass: PostgresRegistrationPlaces },
    { provide: RequestWindows, useClass: PostgresRequestWindows },
    { provide: Sessions, useClass: PostgresSessions },
    { provide: APP_GUARD, useClass: AccessGuard },
    { provide: APP_INTERCEPTOR, useExisting: Refusals },
  ],
  exports: [Authenticator, DeniedRequests, KeyCallers],
})
export class AuthModule {}
