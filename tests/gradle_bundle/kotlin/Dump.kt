package dev.pocketrag.check

import java.io.File
import java.lang.reflect.Member
import java.lang.reflect.Modifier
import java.util.jar.JarFile
import kotlin.metadata.KmClass
import kotlin.metadata.KmFunction
import kotlin.metadata.KmProperty
import kotlin.metadata.Visibility
import kotlin.metadata.jvm.KotlinClassMetadata
import kotlin.metadata.jvm.fieldSignature
import kotlin.metadata.jvm.getterSignature
import kotlin.metadata.jvm.setterSignature
import kotlin.metadata.jvm.signature
import kotlin.metadata.visibility

/** Arguments: a jar, and a folder in it. Prints what Kotlin and Java callers see of its classes, sorted, with the types of the bytecode. */
public fun main(args: Array<String>) {
    val names = JarFile(File(args[0])).use { jar -> jar.entries().asSequence().map { it.name }.toList() }
    val classes = names.filter { it.startsWith(args[1] + "/") && it.endsWith(".class") }
        .map { Class.forName(it.removeSuffix(".class").replace('/', '.'), false, Thread.currentThread().contextClassLoader) }
    for (one in classes.filter(::isVisible).sortedBy { it.name }) println(described(one))
}

private fun isOpen(visibility: Visibility): Boolean = visibility == Visibility.PUBLIC || visibility == Visibility.PROTECTED

private fun metadata(one: Class<*>): KotlinClassMetadata? =
    one.getAnnotation(Metadata::class.java)?.let { KotlinClassMetadata.readStrict(it) }

private fun kotlin(one: Class<*>): KmClass? = (metadata(one) as? KotlinClassMetadata.Class)?.kmClass

/** The functions of a file; null of a class. */
private fun functions(one: Class<*>): List<KmFunction>? = (metadata(one) as? KotlinClassMetadata.FileFacade)?.kmPackage?.functions

/** Reflection can't tell who declares a lambda of an inlined function, so what has no metadata of a class or a file comes first. */
private fun isVisible(one: Class<*>): Boolean {
    if (!Modifier.isPublic(one.modifiers) || one.isSynthetic) return false
    functions(one)?.let { all -> return all.any { isOpen(it.visibility) } }
    if (kotlin(one)?.let { isOpen(it.visibility) } != true) return false
    return !one.isAnonymousClass && !one.isLocalClass && one.declaringClass?.let(::isVisible) != false
}

private fun described(one: Class<*>): String {
    val hidden = hidden(one)
    val members = (one.declaredConstructors.toList() + one.declaredMethods + one.declaredFields)
        .filter { isSeen(it) && signature(it) !in hidden }
        .map { "    " + it.toString(one) }
    val above = (listOfNotNull(one.genericSuperclass) + one.genericInterfaces).map { it.typeName }.filter { it != "java.lang.Object" }
    val kind = Modifier.toString(one.modifiers and Modifier.interfaceModifiers().or(Modifier.classModifiers()))
    val head = "$kind ${if (one.isInterface) "" else "class "}${one.name}" + if (above.isEmpty()) "" else " : ${above.joinToString()}"
    return (listOf("$head {") + members.sorted() + "}").joinToString("\n")
}

private fun Member.toString(owner: Class<*>): String = when (this) {
    is java.lang.reflect.Executable -> toGenericString()
    is java.lang.reflect.Field -> toGenericString()
    else -> toString()
}.replace("${owner.name}.", "").replace("synthetic ", "")

/** Of what the compiler adds, callers use the functions that fill in defaults. */
private fun isSeen(member: Member): Boolean {
    val open = Modifier.isPublic(member.modifiers) || Modifier.isProtected(member.modifiers)
    val name = member.name.removeSuffix("\$default")
    return open && '$' !in name.substringAfterLast('.') && (!member.isSynthetic || name != member.name)
}

private fun signature(member: Member): String = when (member) {
    is java.lang.reflect.Method -> member.name + member.parameterTypes.joinToString("", "(", ")") { it.descriptorString() } +
        member.returnType.descriptorString()
    is java.lang.reflect.Constructor<*> -> "<init>" + member.parameterTypes.joinToString("", "(", ")V") { it.descriptorString() }
    else -> member.name
}

/** Signatures of what is internal, which the bytecode does not tell; a companion's constants are fields of the class around it. */
private fun hidden(one: Class<*>): Set<String> {
    functions(one)?.let { return it.mapNotNull(::hidden).toSet() }
    val all = kotlin(one) ?: return emptySet()
    val companion = all.companionObject?.let { name -> one.declaredClasses.first { it.simpleName == name } }
    val constants = companion?.let(::kotlin)?.properties.orEmpty().filter { !isOpen(it.visibility) }.mapNotNull { it.fieldSignature?.name }
    val constructors = all.constructors.filter { !isOpen(it.visibility) }.mapNotNull { it.signature?.toString() }
    return (constructors + constants + all.functions.mapNotNull(::hidden) + all.properties.flatMap(::hidden)).toSet()
}

private fun hidden(function: KmFunction): String? = function.signature?.toString().takeIf { !isOpen(function.visibility) }

private fun hidden(property: KmProperty): List<String> {
    val all = listOfNotNull(property.getterSignature?.toString(), property.setterSignature?.toString(), property.fieldSignature?.name)
    return if (isOpen(property.visibility)) emptyList() else all
}
