package dev.taximeter.api.docs;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.type.TypeFactory;
import io.swagger.v3.core.converter.AnnotatedType;
import io.swagger.v3.core.converter.ModelConverter;
import io.swagger.v3.core.converter.ModelConverterContext;
import io.swagger.v3.oas.models.media.Schema;
import java.lang.reflect.RecordComponent;
import java.util.Collection;
import java.util.Iterator;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Says of every field that cannot be absent that it is required, so that generated clients need not
 * ask: what the compiler knows not to be null is in every answer.
 */
public final class RequiredFields implements ModelConverter {
  @Override
  public @Nullable Schema<?> resolve(
      AnnotatedType type, ModelConverterContext context, Iterator<ModelConverter> chain) {
    if (!chain.hasNext()) {
      return null;
    }
    Schema<?> schema = chain.next().resolve(type, context, chain);
    JavaType java = TypeFactory.defaultInstance().constructType(type.getType());
    if (schema != null && java.isRecordType()) {
      Schema<?> model = schema;
      if (schema.get$ref() != null) {
        String name = schema.get$ref().substring(schema.get$ref().lastIndexOf('/') + 1);
        model = context.getDefinedModels().get(name);
      }
      require(java.getRawClass(), model);
    }
    return schema;
  }

  private static void require(Class<?> record, @Nullable Schema<?> model) {
    if (model == null || model.getProperties() == null) {
      return;
    }
    JsonInclude include = record.getAnnotation(JsonInclude.class);
    boolean leavesEmptyOut = include != null && include.value() == JsonInclude.Include.NON_EMPTY;
    for (RecordComponent component : record.getRecordComponents()) {
      boolean known = model.getProperties().containsKey(component.getName());
      boolean canBeNull = component.getAnnotatedType().isAnnotationPresent(Nullable.class);
      boolean canBeEmpty =
          leavesEmptyOut
              && (Collection.class.isAssignableFrom(component.getType())
                  || CharSequence.class.isAssignableFrom(component.getType())
                  || Map.class.isAssignableFrom(component.getType()));
      boolean listed =
          model.getRequired() != null && model.getRequired().contains(component.getName());
      if (known && !canBeNull && !canBeEmpty && !listed) {
        model.addRequiredItem(component.getName());
      }
    }
  }
}
