import { Body, Controller, Delete, Get, HttpCode, Patch, Post, Put } from '@nestjs/common';
import {
  AvatarResponse,
  OwnPreferences,
  Profile,
  RecoveryEmailRequest,
  UpdatePreferencesRequest,
  UpdateProfileRequest,
} from '@telemetryflow/contracts';
import { Authenticated, Context, Describe, OpenBefore, type RequestContext } from '../../../shared/platform/index.js';
import { ChangeAvatar } from '../application/commands/change-avatar.js';
import { UpdateProfile } from '../application/commands/update-profile.js';
import { PICTURE_TYPES } from '../domain/picture.js';
import { OwnProfile } from '../application/queries/own-profile.js';
import { Profiles } from '../application/profiles.js';
import { AVATAR_FIELD, UploadedPicture, UploadRoute } from './picture-upload.js';

const TAG = 'Account';

@Controller('api/v2/auth')
export class ProfileController {
  constructor(
    private readonly ownProfile: OwnProfile,
    private readonly updateProfile: UpdateProfile,
    private readonly changeAvatar: ChangeAvatar,
    private readonly profiles: Profiles,
  ) {}

  @Get('profile')
  @OpenBefore('second-factor')
  @Authenticated()
  @Describe({ summary: 'The own account', tag: TAG, response: Profile })
  profile(@Context() context: RequestContext): Promise<Profile> {
    return this.ownProfile.execute(context);
  }

  @Patch('profile')
  @Authenticated()
  @Describe({ summary: 'Change name, time zone or language', tag: TAG, body: UpdateProfileRequest, response: Profile })
  async update(
    @Context() context: RequestContext,
    @Body({ schema: UpdateProfileRequest }) body: UpdateProfileRequest,
  ): Promise<Profile> {
    await this.updateProfile.execute(context, body);
    return this.ownProfile.execute(context);
  }

  @Put('recovery-email')
  @Authenticated()
  @Describe({ summary: 'Set or remove the recovery address', tag: TAG, body: RecoveryEmailRequest, response: Profile })
  async setRecoveryEmail(
    @Context() context: RequestContext,
    @Body({ schema: RecoveryEmailRequest }) body: RecoveryEmailRequest,
  ): Promise<Profile> {
    await this.updateProfile.setRecoveryEmail(context, body);
    return this.ownProfile.execute(context);
  }

  @Post('avatar')
  @HttpCode(200)
  @UploadRoute()
  @Authenticated()
  @Describe({
    summary: 'Upload a picture of up to 1 MiB',
    tag: TAG,
    upload: { field: AVATAR_FIELD, types: PICTURE_TYPES },
    response: AvatarResponse,
  })
  setAvatar(@Context() context: RequestContext, @UploadedPicture() content: Buffer): Promise<AvatarResponse> {
    return this.changeAvatar.set(context, content);
  }

  @Delete('avatar')
  @HttpCode(204)
  @Authenticated()
  @Describe({ summary: 'Remove the picture', tag: TAG, status: 204 })
  async removeAvatar(@Context() context: RequestContext): Promise<void> {
    await this.changeAvatar.remove(context);
  }

  @Get('preferences')
  @OpenBefore('second-factor')
  @Authenticated()
  @Describe({ summary: 'How the caller wants the UI', tag: TAG, response: OwnPreferences })
  preferences(@Context() context: RequestContext): Promise<OwnPreferences> {
    return this.profiles.preferences(context);
  }

  @Patch('preferences')
  @Authenticated()
  @Describe({ summary: 'Change preferences', tag: TAG, body: UpdatePreferencesRequest, response: OwnPreferences })
  updatePreferences(
    @Context() context: RequestContext,
    @Body({ schema: UpdatePreferencesRequest }) body: UpdatePreferencesRequest,
  ): Promise<OwnPreferences> {
    return this.profiles.mergePreferences(context, body);
  }
}
