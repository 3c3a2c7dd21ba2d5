import { Module } from '@nestjs/common';
import { DatabaseModule } from '../../shared/platform/database/database.module.js';
import { CreateSavedView } from './application/commands/create-saved-view.js';
import { DeleteSavedView } from './application/commands/delete-saved-view.js';
import { UpdateSavedView } from './application/commands/update-saved-view.js';
import { ViewList } from './application/queries/view-list.js';
import { SavedViews } from './application/saved-views.js';
import { PostgresSavedViews } from './infrastructure/postgres-saved-views.js';
import { PostgresViewList } from './infrastructure/postgres-view-list.js';
import { SavedViewSchema } from './infrastructure/saved-view.schema.js';
import { SavedViewsController } from './presentation/saved-views.controller.js';

/** Questions that people keep: views of the explorers. */
@Module({
  imports: [DatabaseModule.forEntities(SavedViewSchema)],
  controllers: [SavedViewsController],
  providers: [
    CreateSavedView,
    DeleteSavedView,
    UpdateSavedView,
    { provide: SavedViews, useClass: PostgresSavedViews },
    { provide: ViewList, useClass: PostgresViewList },
  ],
})
export class QueryBuilderModule {}
