import { Controller, Get } from '@nestjs/common';
import { PermissionList, PermissionMatrix, PermissionResources } from '@telemetryflow/contracts';
import { Context, Describe, type RequestContext, RequirePermission } from '../../../shared/platform/index.js';
import { RoleList } from '../application/roles/role-list.js';

const TAG = 'Access';

@Controller('api/v2')
export class PermissionsController {
  constructor(private readonly roles: RoleList) {}

  @Get('permissions')
  @RequirePermission('permissions:read')
  @Describe({ summary: 'All permissions there are', tag: TAG, response: PermissionList })
  list(@Context() context: RequestContext): Promise<PermissionList> {
    return this.roles.permissions(context);
  }

  @Get('permissions/resources')
  @RequirePermission('permissions:read')
  @Describe({ summary: 'What permissions are about', tag: TAG, response: PermissionResources })
  async resources(@Context() context: RequestContext): Promise<PermissionResources> {
    const { data } = await this.roles.permissions(context);
    return { data: [...new Set(data.map(({ resource }) => resource))] };
  }

  @Get('permission-matrix')
  @RequirePermission('roles:read')
  @Describe({ summary: 'Roles and what each gives', tag: TAG, response: PermissionMatrix })
  matrix(@Context() context: RequestContext): Promise<PermissionMatrix> {
    return this.roles.matrix(context);
  }
}
